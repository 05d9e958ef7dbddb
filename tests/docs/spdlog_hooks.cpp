#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

// The code of docs/logging.md for spdlog.

namespace {

// [spdlog]
fictive::hooks spdlog_hooks(std::shared_ptr<spdlog::logger> const& logger) {
  return {
      .on_attempt =
          [logger](fictive::attempt_event const& attempt) {
            if (!attempt.code) return;
            logger->warn("call={} attempt={} status={} effect={} request_id={} {}", attempt.call_id, attempt.attempt,
                         attempt.status, to_string(attempt.effect), attempt.request_id, attempt.message);
          },
      .on_result =
          [logger](fictive::result_event const& call) {
            auto const level = !call.code                             ? spdlog::level::info
                               : call.effect == fictive::effect::none ? spdlog::level::warn
                                                                      : spdlog::level::err;  // to be checked manually
            logger->log(level, "call={} label={} attempts={} invited={} refused={} unaccounted={} effect={} {}",
                        call.call_id, call.label, call.attempts, call.accepted, call.rejected, call.unaccounted,
                        to_string(call.effect), call.message);
          },
  };
}
// [spdlog]

}  // namespace

int main() {
  std::ostringstream text;
  auto const logger =
      std::make_shared<spdlog::logger>("fictive", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
  logger->set_pattern("%l %v");
  fictive::testing::scripted_transport network;
  network.answer({.status = 429});
  network.answer({.status = 500});
  fictive::client client{std::move(network), {.credentials = {.session_id = "any"}, .hooks = spdlog_hooks(logger)}};
  (void)client.invite({.account_group_token = "team", .email_addresses = {"a@b.example"}}, {.label = "nightly"});
  logger->flush();

  auto const log = text.str();
  std::cout << log;
  auto const has = [&](char const* part) { return log.find(part) != std::string::npos; };
  return has("warning call=") && has(" attempt=1 status=429 effect=none ") && has("error call=") &&
                 has(" label=nightly attempts=2 invited=0 refused=0 unaccounted=0 effect=unknown ") && !has("@")
             ? 0
             : 1;
}
