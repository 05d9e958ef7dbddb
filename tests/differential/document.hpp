#ifndef FICTIVE_TESTS_DIFFERENTIAL_DOCUMENT_HPP
#define FICTIVE_TESTS_DIFFERENTIAL_DOCUMENT_HPP

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// JSON documents as nlohmann/json reads them, with all members in their order: a DOM would drop repeated ones.

namespace differential {

enum class kind : unsigned char { null, other, string, array, object };

struct value {
  differential::kind kind = differential::kind::null;
  std::string text = {};                ///< of a string, or of a number or boolean
  std::vector<std::string> names = {};  ///< of the members of an object
  std::vector<value> values = {};       ///< of the members or elements
};

enum class verdict : unsigned char {
  is_json,
  is_not_json,
  is_not_decided,  ///< nlohmann/json refuses numbers that do not fit into a double, which RFC 8259 permits
};

struct document {
  differential::verdict verdict = verdict::is_not_json;
  value root = {};
  std::size_t depth = 0;  ///< the deepest nesting of arrays and objects
};

class document_builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit document_builder(document& out) : out_(out) {}

  bool null() override { return add({}); }
  bool boolean(bool of) override { return add({.kind = kind::other, .text = of ? "true" : "false"}); }
  bool number_integer(number_integer_t of) override { return add({.kind = kind::other, .text = std::to_string(of)}); }
  bool number_unsigned(number_unsigned_t of) override { return add({.kind = kind::other, .text = std::to_string(of)}); }
  bool number_float(number_float_t, string_t const& text) override { return add({.kind = kind::other, .text = text}); }
  bool string(string_t& text) override { return add({.kind = kind::string, .text = text}); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& name) override {
    open_.back().names.push_back(name);
    return true;
  }
  bool start_object(std::size_t) override { return open(kind::object); }
  bool start_array(std::size_t) override { return open(kind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const& e) override {
    constexpr int number_overflow = 406;
    if (e.id == number_overflow) out_.verdict = verdict::is_not_decided;
    return false;
  }

 private:
  bool open(kind of) {
    open_.push_back({.kind = of});
    out_.depth = (std::max)(out_.depth, open_.size());
    return true;
  }

  bool close() {
    auto closed = std::move(open_.back());
    open_.pop_back();
    return add(std::move(closed));
  }

  bool add(value one) {
    if (open_.empty())
      out_.root = std::move(one);
    else
      open_.back().values.push_back(std::move(one));
    return true;
  }

  document& out_;
  std::vector<value> open_;
};

inline document read_document(std::string_view text) {
  document read;
  if (text.find('\0') != std::string_view::npos) return read;  // nlohmann/json takes it for the end
  document_builder builder(read);
  if (nlohmann::json::sax_parse(text, &builder)) read.verdict = verdict::is_json;
  return read;
}

}  // namespace differential

#endif
