#ifndef FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_HPP
#define FICTIVE_TESTS_BENCHMARK_SUPPORT_LOOPBACK_HPP

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// Shared by all clients of the loopback comparison: the job and its expected result.

namespace loopback {

using clock = std::chrono::steady_clock;

/// The job: request these two invitations with these headers, and parse the response into owning values.
inline constexpr std::string_view path = "/rest/api/accounts/groups/4b1d2c5e-0a3f-4c6b-9d8e-7f6a5b4c3d2e/invites";
inline constexpr std::string_view group = "4b1d2c5e-0a3f-4c6b-9d8e-7f6a5b4c3d2e";
inline constexpr std::string_view session = "0123456789abcdef0123456789abcdef";
inline constexpr std::string_view version = "9.0.0";
inline constexpr std::string_view user_agent = "loopback/1.0";
inline constexpr std::array<std::string_view, 2> addresses = {"jamie.muir@fictiveglobal.com",
                                                              "josh.fogg@fictiveglobal.com"};

/// An invitation, for the clients without this library.
struct invitation {
  std::string invitation_reference, email_address, expiry_date, status, created, last_updated;
  std::vector<std::string> subscription_references;

  friend bool operator==(invitation const&, invitation const&) = default;
};

struct reply {
  std::vector<invitation> valid_invitations;
  std::vector<std::string> invalid_email_addresses;

  friend bool operator==(reply const&, reply const&) = default;
};

inline reply const& expected_reply() {
  static reply const expected = {{{"iafsraka6712kabc",
                                   std::string(addresses[0]),
                                   "2017-07-07T15:41:30",
                                   "PendingAcceptance",
                                   "0001-01-01T00:00:00",
                                   "0001-01-01T00:00:00",
                                   {"asjdkas6712kabcd", "asjdkas6712kddeq"}},
                                  {"ibbsrata6r122abc",
                                   std::string(addresses[1]),
                                   "2017-07-07T15:41:30",
                                   "PendingAcceptance",
                                   "0001-01-01T00:00:00",
                                   "0001-01-01T00:00:00",
                                   {"asjdkas6712kabcd", "asjdkas6712kddeq"}}},
                                 {}};
  return expected;
}

/// The bytes of the server's response.
std::string const& answer();
std::string const& answer_body();

[[noreturn]] inline void fail(char const* what) {
  throw std::runtime_error(what);
}

inline void expect(bool holds) {
  if (!holds) fail("a contender got another answer than the server gave");
}

/// A client that repeats the job over persistent connections.
class contender {
 public:
  contender() = default;
  contender(contender const&) = delete;
  contender& operator=(contender const&) = delete;
  virtual ~contender() = default;

  /// Repeats the job until this time; returns the number of repetitions.
  virtual std::size_t run_until(clock::time_point end) = 0;

  /// The latency of each job in microseconds, with a job scheduled every `interval` until `end`; measured from the
  /// scheduled time.
  virtual std::vector<double> latencies(std::chrono::nanoseconds interval, clock::time_point end);
};

inline std::vector<double> contender::latencies(std::chrono::nanoseconds, clock::time_point) {
  fail("this contender has no clock");
}

using contender_maker = std::unique_ptr<contender> (*)(unsigned short port);

std::unique_ptr<contender> make_raw(unsigned short port);
std::unique_ptr<contender> make_beast(unsigned short port);
std::unique_ptr<contender> make_beast_bytes(unsigned short port);
std::unique_ptr<contender> make_curl(unsigned short port);
std::unique_ptr<contender> make_httplib(unsigned short port);
std::unique_ptr<contender> make_fictive(unsigned short port);

std::unique_ptr<contender> make_curl_tls(unsigned short port);
std::unique_ptr<contender> make_fictive_tls(unsigned short port);

/// With a new connection for each job.
std::unique_ptr<contender> make_curl_tls_first(unsigned short port);
std::unique_ptr<contender> make_fictive_tls_first(unsigned short port);

inline constexpr std::size_t in_flight = 32;

std::unique_ptr<contender> make_raw_epoll(unsigned short port);
std::unique_ptr<contender> make_beast_async(unsigned short port);
std::unique_ptr<contender> make_beast_bytes_async(unsigned short port);
std::unique_ptr<contender> make_curl_multi(unsigned short port);
std::unique_ptr<contender> make_fictive_async(unsigned short port);

}  // namespace loopback

#endif
