// The part of spdlog that docs/logging.md uses, for machines without its package. It formats with its own few rules.

#ifndef FICTIVE_TESTS_STUBS_SPDLOG_LOGGER_H
#define FICTIVE_TESTS_STUBS_SPDLOG_LOGGER_H

#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace spdlog {

namespace level {

enum level_enum { info, warn, err };

}  // namespace level

namespace sinks {

struct ostream_sink_mt {
  explicit ostream_sink_mt(std::ostream& to) : out(&to) {}
  std::ostream* out;
};

}  // namespace sinks

class logger {
 public:
  logger(std::string const&, std::shared_ptr<sinks::ostream_sink_mt> sink) : sink_(std::move(sink)) {}

  template <class... Values>
  void log(level::level_enum level, std::string_view format, Values const&... values) {
    std::ostringstream line;
    line << (level == level::info ? "info " : level == level::warn ? "warning " : "error ");
    (put(line, format, values), ...);
    *sink_->out << line.str() << format << '\n';
  }

  template <class... Values>
  void warn(std::string_view format, Values const&... values) {
    log(level::warn, format, values...);
  }

  void set_pattern(std::string const&) {}
  void flush() {}

 private:
  template <class Value>
  static void put(std::ostream& line, std::string_view& format, Value const& value) {
    auto const hole = format.find("{}");
    line << format.substr(0, hole) << value;
    format.remove_prefix(hole + 2);
  }

  std::shared_ptr<sinks::ostream_sink_mt> sink_;
};

}  // namespace spdlog

#endif
