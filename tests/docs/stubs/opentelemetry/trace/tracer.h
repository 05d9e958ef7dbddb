// The part of OpenTelemetry's API that docs/logging.md uses, for machines without its packages. It records what a span
// is told.

#ifndef FICTIVE_TESTS_STUBS_OPENTELEMETRY_TRACE_TRACER_H
#define FICTIVE_TESTS_STUBS_OPENTELEMETRY_TRACE_TRACER_H

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#define FICTIVE_TESTS_OPENTELEMETRY_STUB

namespace opentelemetry {

namespace nostd {

template <class T>
using shared_ptr = std::shared_ptr<T>;

class string_view {
 public:
  string_view(char const* text) : text_(text) {}
  string_view(std::string const& text) : text_(text) {}
  explicit operator std::string() const { return text_; }

 private:
  std::string text_;
};

}  // namespace nostd

namespace common {

using AttributeValue = std::variant<bool, std::int32_t, std::int64_t, std::uint32_t, double, char const*>;

}  // namespace common

namespace trace {

enum class StatusCode { kUnset, kOk, kError };

class Span {
 public:
  explicit Span(std::shared_ptr<std::string> log) : log_(std::move(log)) {}

  void AddEvent(nostd::string_view name,
                std::initializer_list<std::pair<nostd::string_view, common::AttributeValue>> attributes) {
    *log_ += std::string(name);
    for (auto const& [key, value] : attributes) *log_ += " " + text_of(key, value);
    *log_ += '\n';
  }

  void SetStatus(StatusCode code, nostd::string_view) { *log_ += code == StatusCode::kError ? "error\n" : "ok\n"; }
  void SetAttribute(nostd::string_view key, common::AttributeValue const& value) {
    *log_ += text_of(key, value) + '\n';
  }
  void End() { *log_ += "end\n"; }

 private:
  static std::string text_of(nostd::string_view const& key, common::AttributeValue const& value) {
    auto text = std::string(key) + '=';
    if (auto const* number = std::get_if<std::int32_t>(&value)) return text + std::to_string(*number);
    if (auto const* characters = std::get_if<char const*>(&value)) return text + *characters;
    return text + "?";
  }

  std::shared_ptr<std::string> log_;
};

class Tracer {
 public:
  nostd::shared_ptr<Span> StartSpan(nostd::string_view name) {
    *log_ += "start " + std::string(name) + '\n';
    return std::make_shared<Span>(log_);
  }

  [[nodiscard]] std::string const& log() const { return *log_; }

 private:
  std::shared_ptr<std::string> log_ = std::make_shared<std::string>();
};

}  // namespace trace

}  // namespace opentelemetry

#endif
