// This library: the blocking and the asynchronous client over the Beast adapter.

#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>

#include "support/loopback.hpp"
#include "support/loopback_open_loop.hpp"
#include "support/loopback_tls.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace loopback {

namespace {

fictive::client_config service_at(unsigned short port, std::string const& scheme = "http") {
  return {.base_url = scheme + "://127.0.0.1:" + std::to_string(port),
          .api_version = std::string(version),
          .credentials = {.session_id = std::string(session)},
          .user_agent = std::string(user_agent)};
}

fictive::invite_request request() {
  return {.account_group_token = std::string(group), .email_addresses = {addresses.begin(), addresses.end()}};
}

/// The expected response.
fictive::invite_response const& expected() {
  static auto const response = [] {
    fictive::invite_response made;
    for (auto const& one : expected_reply().valid_invitations)
      made.valid_invitations.push_back({.invitation_reference = one.invitation_reference,
                                        .email_address = one.email_address,
                                        .status = fictive::invitation_status(one.status),
                                        .subscription_references = one.subscription_references,
                                        .expiry_date = fictive::date_time::parse(one.expiry_date)});
    return made;
  }();
  return response;
}

bool is_same(fictive::invitation const& a, fictive::invitation const& b) {
  return a.invitation_reference == b.invitation_reference && a.email_address == b.email_address &&
         a.status == b.status && a.subscription_references == b.subscription_references &&
         a.expiry_date == b.expiry_date && a.created == b.created && a.last_updated == b.last_updated;
}

void check(fictive::result<fictive::invite_response> const& got) {
  expect(got.has_value() && got->invalid_email_addresses == expected().invalid_email_addresses &&
         std::equal(got->valid_invitations.begin(), got->valid_invitations.end(), expected().valid_invitations.begin(),
                    expected().valid_invitations.end(), is_same));
}

class blocking final : public contender {
 public:
  explicit blocking(fictive::client_config config, fictive::beast::transport_options options = {})
      : client_(std::move(config), std::move(options)) {}

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    for (; clock::now() < end; ++count) check(client_.invite(request()));
    return count;
  }

 private:
  fictive::beast::client client_;
};

fictive::beast::transport_options trusting() {
  fictive::beast::transport_options options;
  options.tls.ca_pem = certificate();
  return options;
}

/// A new client, and thus a new connection, for each request.
class blocking_tls_once final : public contender {
 public:
  explicit blocking_tls_once(unsigned short port) : port_(port) {}

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    for (; clock::now() < end; ++count) {
      fictive::beast::client once(service_at(port_, "https"), trusting());
      check(once.invite(request()));
    }
    return count;
  }

 private:
  unsigned short port_;
};

class asynchronous final : public contender {
 public:
  explicit asynchronous(unsigned short port) : client_(io_, service_at(port)) {}

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    std::function<void()> next = [&] {
      client_.async_invite(request(), [&](fictive::result<fictive::invite_response> got) {
        check(got);
        ++count;
        if (clock::now() < end) next();
      });
    };
    for (std::size_t i = 0; i < in_flight; ++i) next();
    io_.restart();
    io_.run();
    return count;
  }

  std::vector<double> latencies(std::chrono::nanoseconds interval, clock::time_point end) override {
    return open_loop(io_, interval, end, [this](auto done) {
      client_.async_invite(request(), [done](fictive::result<fictive::invite_response> got) {
        check(got);
        done();
      });
    });
  }

 private:
  boost::asio::io_context io_{1};
  fictive::beast::async_client client_;
};

}  // namespace

std::unique_ptr<contender> make_fictive(unsigned short port) {
  return std::make_unique<blocking>(service_at(port));
}

std::unique_ptr<contender> make_fictive_tls(unsigned short port) {
  return std::make_unique<blocking>(service_at(port, "https"), trusting());
}

std::unique_ptr<contender> make_fictive_tls_first(unsigned short port) {
  return std::make_unique<blocking_tls_once>(port);
}

std::unique_ptr<contender> make_fictive_async(unsigned short port) {
  return std::make_unique<asynchronous>(port);
}

}  // namespace loopback
