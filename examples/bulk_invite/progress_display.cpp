// SPDX-License-Identifier: BSL-1.0

#include "progress_display.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

namespace examples {
namespace {

using namespace std::chrono_literals;

std::string_view reason_of(fictive::bulk_pause pause) {
  switch (pause) {
    case fictive::bulk_pause::none: break;
    case fictive::bulk_pause::throttled: return "the service limits the rate";
    case fictive::bulk_pause::rate: return "the rate is limited";
    case fictive::bulk_pause::retry: return "before sending again";
    case fictive::bulk_pause::credentials: return "for new credentials";
  }
  return "";
}

std::string text_of(std::chrono::seconds duration) {
  auto const count = duration.count();
  if (count < 120) return std::to_string(count) + " s";
  if (count < 7200) return std::to_string(count / 60) + " min";
  return std::to_string(count / 3600) + " h";
}

std::string bar(std::uint64_t percent) {
  auto const filled = static_cast<std::size_t>(percent / 5);
  return '[' + std::string(filled, '#') + std::string(20 - filled, '.') + "] ";
}

/// The number of characters that fit into a line of the terminal.
std::size_t terminal_width() {
  winsize size = {};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - std::size_t{1} : 79;
}

}  // namespace

std::string with_separators(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

progress_display::progress_display(std::string_view program, std::uint64_t addresses, bool is_quiet)
    : program_(program), addresses_(addresses), is_quiet_(is_quiet), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

std::chrono::milliseconds progress_display::interval() const noexcept {
  return is_terminal_ && !is_quiet_ ? 250ms : 5s;
}

void progress_display::show(fictive::bulk_progress const& state) {
  if (is_quiet_ || (!is_terminal_ && std::chrono::steady_clock::now() < begin_ + interval() / 2)) return;
  auto const done = state.counts.total();
  auto const percent = addresses_ == 0 ? 100 : std::min<std::uint64_t>(done * 100 / addresses_, 100);
  std::string line = with_separators(done) + " of " + with_separators(addresses_) + " (" + std::to_string(percent) +
                     " %), " + with_separators(static_cast<std::uint64_t>(std::lround(state.rate))) + "/s, " +
                     std::to_string(state.requests_in_flight) + " requests in progress";
  if (state.time_left) line += ", " + text_of(*state.time_left) + " left";
  if (state.pause != fictive::bulk_pause::none) {
    line.append("; waits: ").append(reason_of(state.pause));
    if (state.paused_until)
      line += ", " + text_of(std::chrono::ceil<std::chrono::seconds>(
                         std::max(*state.paused_until - std::chrono::steady_clock::now(), 0ns)));
  }
  if (is_terminal_)
    std::cerr << '\r' << (bar(percent) + line).substr(0, terminal_width()) << "\x1b[K" << std::flush;
  else
    std::cerr << program_ << ": " << line << std::endl;
  has_bar_ = is_terminal_;
}

void progress_display::say(std::string_view message) {
  clear();
  std::cerr << program_ << ": " << message << std::endl;
}

void progress_display::clear() {
  if (has_bar_) std::cerr << "\r\x1b[K" << std::flush;
  has_bar_ = false;
}

}  // namespace examples
