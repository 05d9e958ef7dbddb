// Plain Boost.Beast as in its examples, with Boost.JSON's values; and the same without building and parsing.

#include "support/loopback.hpp"
#include "support/loopback_open_loop.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace loopback {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using asio::ip::tcp;
using boost::system::error_code;

using request = http::request<http::string_body>;
using response = http::response<http::string_body>;

/// Whether a client builds and parses bodies, or only transfers bytes.
enum class work { values, bytes };

std::string body_of_request() {
  json::array emails;
  for (auto const& address : addresses) emails.emplace_back(address);
  return json::serialize(json::object{{"emailAddresses", std::move(emails)}});
}

request make_request(unsigned short port, std::string body) {
  request made{http::verb::post, path, 11};
  made.set(http::field::host, "127.0.0.1:" + std::to_string(port));
  made.set(http::field::accept, "application/json");
  made.set(http::field::content_type, "application/json");
  made.set(http::field::user_agent, user_agent);
  made.set("X-Version", version);
  made.set("X-SessionId", session);
  made.body() = std::move(body);
  made.prepare_payload();
  return made;
}

std::string text_of(json::value const& value) {
  return std::string(value.as_string());
}

std::vector<std::string> texts_of(json::value const& values) {
  std::vector<std::string> texts;
  for (auto const& value : values.as_array()) texts.push_back(text_of(value));
  return texts;
}

reply parse_reply(std::string const& body) {
  auto const document = json::parse(body);
  reply parsed;
  for (auto const& one : document.at("validInvitations").as_array())
    parsed.valid_invitations.push_back({text_of(one.at("invitationReference")), text_of(one.at("emailAddress")),
                                        text_of(one.at("expiryDate")), text_of(one.at("status")),
                                        text_of(one.at("created")), text_of(one.at("lastUpdated")),
                                        texts_of(one.at("subscriptionReferences"))});
  parsed.invalid_email_addresses = texts_of(document.at("invalidEmailAddresses"));
  return parsed;
}

void check(response const& got, work what) {
  expect(got.result() == http::status::ok);
  if (what == work::values)
    expect(parse_reply(got.body()) == expected_reply());
  else
    expect(got.body() == answer_body());
}

tcp::endpoint endpoint_at(unsigned short port) {
  return {asio::ip::address_v4::loopback(), port};
}

class blocking final : public contender {
 public:
  blocking(unsigned short port, work what) : port_(port), work_(what), canned_(make_request(port, body_of_request())) {
    stream_.connect(endpoint_at(port));
    stream_.socket().set_option(tcp::no_delay(true));
  }

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    for (; clock::now() < end; ++count) {
      if (work_ == work::values)
        http::write(stream_, make_request(port_, body_of_request()));
      else
        http::write(stream_, canned_);
      response got;
      http::read(stream_, buffer_, got);
      check(got, work_);
    }
    return count;
  }

 private:
  unsigned short port_;
  work work_;
  request canned_;
  asio::io_context io_;
  beast::tcp_stream stream_{io_};
  beast::flat_buffer buffer_;
};

class session_of {
 public:
  session_of(asio::io_context& io, unsigned short port, work what)
      : port_(port), work_(what), request_(make_request(port, body_of_request())), stream_(io) {
    stream_.connect(endpoint_at(port));
    stream_.socket().set_option(tcp::no_delay(true));
  }

  void start(std::function<void()> done) {
    done_ = std::move(done);
    if (work_ == work::values) request_ = make_request(port_, body_of_request());
    stream_.expires_after(std::chrono::seconds(60));
    http::async_write(stream_, request_, beast::bind_front_handler(&session_of::on_write, this));
  }

 private:
  void on_write(error_code ec, std::size_t) {
    expect(!ec);
    response_ = {};
    http::async_read(stream_, buffer_, response_, beast::bind_front_handler(&session_of::on_read, this));
  }

  void on_read(error_code ec, std::size_t) {
    expect(!ec);
    stream_.expires_never();
    check(response_, work_);
    std::exchange(done_, nullptr)();
  }

  unsigned short port_;
  work work_;
  request request_;
  response response_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::function<void()> done_;
};

class asynchronous final : public contender {
 public:
  asynchronous(unsigned short port, work what) : port_(port), work_(what) {
    for (std::size_t i = 0; i < in_flight; ++i) sessions_.push_back(std::make_unique<session_of>(io_, port_, work_));
  }

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    std::function<void(session_of&)> next = [&](session_of& session) {
      session.start([&] {
        ++count;
        if (clock::now() < end) next(session);
      });
    };
    for (auto const& session : sessions_) next(*session);
    io_.restart();
    io_.run();
    return count;
  }

  std::vector<double> latencies(std::chrono::nanoseconds interval, clock::time_point end) override {
    return open_loop(io_, interval, end, [this](auto done) {
      if (sessions_.empty()) sessions_.push_back(std::make_unique<session_of>(io_, port_, work_));
      auto free = std::move(sessions_.back());
      sessions_.pop_back();
      auto& session = *free;
      session.start([this, free = std::make_shared<decltype(free)>(std::move(free)), done]() mutable {
        done();
        sessions_.push_back(std::move(*free));
      });
    });
  }

 private:
  unsigned short port_;
  work work_;
  asio::io_context io_{1};
  std::vector<std::unique_ptr<session_of>> sessions_;
};

}  // namespace

std::unique_ptr<contender> make_beast(unsigned short port) {
  return std::make_unique<blocking>(port, work::values);
}

std::unique_ptr<contender> make_beast_bytes(unsigned short port) {
  return std::make_unique<blocking>(port, work::bytes);
}

std::unique_ptr<contender> make_beast_async(unsigned short port) {
  return std::make_unique<asynchronous>(port, work::values);
}

std::unique_ptr<contender> make_beast_bytes_async(unsigned short port) {
  return std::make_unique<asynchronous>(port, work::bytes);
}

}  // namespace loopback
