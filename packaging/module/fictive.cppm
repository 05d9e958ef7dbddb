// The library as a named module: experimental. Compiled by clang 22; g++ 15 and 16 fail in the headers of Boost.System.
//
//     clang++-22 -std=c++20 -pthread -I fictive/include --precompile fictive.cppm -o fictive.pcm
//     clang++-22 -std=c++20 -pthread -fmodule-file=fictive=fictive.pcm program.cpp fictive.pcm -lboost_json
//
// With FICTIVE_MODULE_BEAST defined, it also exports the Beast adapter and the conformance kit, which need Boost.Asio
// and OpenSSL. A module exports no macros: those of the version need fictive/version.hpp.

module;

#include <fictive/fictive.hpp>
#include <fictive/file_journal.hpp>
#include <fictive/invite_all.hpp>
#include <fictive/journal_text.hpp>
#include <fictive/testing.hpp>
#ifdef FICTIVE_MODULE_BEAST
#include <fictive/beast.hpp>
#include <fictive/testing/transport_conformance.hpp>
#include <fictive/testing/transport_conformance_tls.hpp>
#endif

export module fictive;

export namespace fictive {
using fictive::address_generator;
using fictive::address_range;
using fictive::address_source;
using fictive::async_client;
using fictive::async_transport;
using fictive::attempt_event;
using fictive::basic_call;
using fictive::bulk_counts;
using fictive::bulk_end;
using fictive::bulk_invite;
using fictive::bulk_options;
using fictive::bulk_pause;
using fictive::bulk_progress;
using fictive::bulk_report;
using fictive::bulk_request;
using fictive::bulk_result;
using fictive::bulk_sink;
using fictive::bulk_step;
using fictive::bulk_stop;
using fictive::bulk_verdict;
using fictive::bulk_verdicts;
using fictive::call_options;
using fictive::call_step;
using fictive::callable_as_transport;
using fictive::callable_with_http_request;
using fictive::callable_with_http_request_and_stop_token;
using fictive::client;
using fictive::client_config;
using fictive::condition;
using fictive::converts_to_result_of_http_response;
using fictive::credentials;
using fictive::date_time;
using fictive::duplicate_detection;
using fictive::effect;
using fictive::errc;
using fictive::error;
using fictive::exception;
using fictive::file_journal;
using fictive::find_header;
using fictive::fingerprint;
using fictive::has_async_send;
using fictive::has_async_wait;
using fictive::has_clock;
using fictive::hooks;
using fictive::http_header;
using fictive::http_headers;
using fictive::http_limits;
using fictive::http_request;
using fictive::http_response;
using fictive::index_range;
using fictive::invitation;
using fictive::invitation_status;
using fictive::invite_call;
using fictive::invite_endpoint;
using fictive::invite_request;
using fictive::invite_response;
using fictive::journal_end;
using fictive::journal_header;
using fictive::journal_intent;
using fictive::journal_lines;
using fictive::journal_outcome;
using fictive::journal_record;
using fictive::journal_writer;
using fictive::make_error_code;
using fictive::make_invite_request;
using fictive::must_be_durable;
using fictive::operator<<;
using fictive::parse_invite_response;
using fictive::recover_journal;
using fictive::recovered_batch;
using fictive::recovered_journal;
using fictive::recovered_run;
using fictive::result;
using fictive::result_event;
using fictive::retry_budget;
using fictive::retry_policy;
using fictive::returns_http_response;
using fictive::secret;
using fictive::start_event;
using fictive::stop_source;
using fictive::stop_token;
using fictive::throw_exception_from_error;
using fictive::to_string;
using fictive::transport;
using fictive::transport_error;
}  // namespace fictive

export namespace fictive::testing {
using fictive::testing::fake_service;
using fictive::testing::fake_service_options;
using fictive::testing::scripted_transport;
using fictive::testing::virtual_clock;
}  // namespace fictive::testing

#ifdef FICTIVE_MODULE_BEAST
export namespace fictive::testing {
using fictive::testing::check_transport;
using fictive::testing::check_transport_over_tls;
using fictive::testing::conformance_check;
using fictive::testing::conformance_options;
using fictive::testing::conformance_outcome;
using fictive::testing::known_limitation;
using fictive::testing::makes_transport;
using fictive::testing::server_certificate;
using fictive::testing::tls_conformance_certificates;
using fictive::testing::to_string;
}  // namespace fictive::testing

export namespace fictive::beast {
using fictive::beast::async_client;
using fictive::beast::async_transport;
using fictive::beast::client;
using fictive::beast::endpoint;
using fictive::beast::proxy_from_environment;
using fictive::beast::tls_options;
using fictive::beast::tls_version;
using fictive::beast::transport;
using fictive::beast::transport_options;
}  // namespace fictive::beast
#endif
