// Sends one GET request to a URL whose host is this machine under any name, and prints the result as one line of JSON:
//
//   tls_request blocking|asynchronous URL CA_FILE

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using reply = fictive::result<fictive::http_response>;

reply send(std::string const& driver, fictive::http_request const& request,
           fictive::beast::transport_options const& options) {
  if (driver == "blocking") return fictive::beast::transport(options)(request);
  boost::asio::io_context context;
  fictive::beast::async_transport transport(context, options);
  std::optional<reply> outcome;
  transport.async_send(request, {}, [&](reply arrived) { outcome = std::move(arrived); });
  context.run();
  return *std::move(outcome);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::cerr << "usage: tls_request blocking|asynchronous URL CA_FILE\n", 2;
  fictive::beast::transport_options options{.tls = {.ca_file = argv[3]}};
  options.resolve = [](std::string const&, std::string const& port, std::error_code&) {
    return std::vector<fictive::beast::endpoint>{{"127.0.0.1", static_cast<std::uint16_t>(std::stoul(port))}};
  };
  auto const response = send(argv[1], {.method = "GET", .url = argv[2]}, options);
  boost::json::object result;
  if (response) {
    result = {{"status", response->status}, {"body", response->body}};
  } else {
    auto const& e = response.error();
    result = {{"effect", to_string(e.effect)},
              {"final", e.cause == std::errc::permission_denied},
              {"message", e.message},
              {"cause", e.cause.message()}};
  }
  std::cout << boost::json::serialize(result) << '\n';
}
