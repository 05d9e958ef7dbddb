// SPDX-License-Identifier: BSL-1.0

#include "error_text.hpp"

#include "support/printable.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace examples {

namespace json = boost::json;

std::string without_secrets(std::string text, fictive::credentials const& credentials) {
  constexpr std::string_view mask = "[secret]";
  for (auto const* secret : {&credentials.session_id, &credentials.token_id, &credentials.bearer_token}) {
    if (secret->empty()) continue;
    for (auto at = text.find(secret->reveal()); at != std::string::npos;
         at = text.find(secret->reveal(), at + mask.size()))
      text.replace(at, secret->reveal().size(), mask);
  }
  return text;
}

std::string text_of(fictive::error const& error, fictive::credentials const& credentials) {
  std::string text = std::string(to_string(error.code)) + ": " + error.message + '\n';
  auto const add = [&](std::string_view label, std::string const& value) {
    if (!value.empty()) text.append("  ").append(label).append(": ").append(printable(value)) += '\n';
  };
  add("cause", error.cause ? error.cause.message() : "");
  add("HTTP status", error.status != 0 ? std::to_string(error.status) : "");
  add("server message", without_secrets(error.server_message, credentials));
  add("request id", without_secrets(error.request_id, credentials));
  add("retry after (s)", error.retry_after ? std::to_string(error.retry_after->count()) : "");
  return text;
}

json::value value_of(std::string_view text) {
  return json::string(text.data(), text.size());
}

json::object object_of(fictive::error const& error, fictive::credentials const& credentials) {
  return {{"error",
           {{"code", to_string(error.code)},
            {"effect", to_string(error.effect)},
            {"status", error.status},
            {"message", error.message},
            {"server_message", without_secrets(error.server_message, credentials)},
            {"request_id", without_secrets(error.request_id, credentials)},
            {"cause", error.cause ? json::value(error.cause.message()) : json::value()},
            {"retry_after", error.retry_after ? json::value(error.retry_after->count()) : json::value()}}}};
}

std::string in_ascii(std::string_view text) {
  std::string ascii;
  auto const append_escaped = [&](char32_t unit) {
    constexpr std::string_view digits = "0123456789abcdef";
    ascii += "\\u";
    for (unsigned shift = 16; shift > 0; shift -= 4) ascii += digits[(unit >> (shift - 4)) & 0xFu];
  };
  while (!text.empty()) {
    auto const [value, size] = first_code_point(text);
    if (size == 0)
      append_escaped(0xFFFD);
    else if (value < 0x7F)
      ascii += text.front();
    else if (value < 0x10000)
      append_escaped(value);
    else {
      append_escaped(0xD800 + ((value - 0x10000) >> 10));
      append_escaped(0xDC00 + ((value - 0x10000) & 0x3FFu));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return ascii;
}

}  // namespace examples
