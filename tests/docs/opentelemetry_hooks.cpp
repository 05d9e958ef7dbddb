#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/tracer.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

// The code of docs/logging.md for OpenTelemetry.

// [opentelemetry]
fictive::hooks opentelemetry_hooks(opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer> const& tracer) {
  struct open_spans {
    std::mutex mutex;
    std::map<std::uint64_t, opentelemetry::nostd::shared_ptr<opentelemetry::trace::Span>> of_call;
  };
  auto const open = std::make_shared<open_spans>();
  return {
      .on_start =
          [=](fictive::start_event const& call) {
            std::lock_guard const lock(open->mutex);
            open->of_call[call.call_id] = tracer->StartSpan("POST " + std::string(call.route));
          },
      .on_attempt =
          [=](fictive::attempt_event const& attempt) {
            std::lock_guard const lock(open->mutex);
            open->of_call[attempt.call_id]->AddEvent("attempt", {{"http.response.status_code", attempt.status},
                                                                 {"fictive.effect", to_string(attempt.effect)}});
          },
      .on_result =
          [=](fictive::result_event const& call) {
            std::lock_guard const lock(open->mutex);
            auto const span = open->of_call.extract(call.call_id).mapped();
            if (call.code) span->SetStatus(opentelemetry::trace::StatusCode::kError, std::string(call.message));
            span->SetAttribute("fictive.effect", to_string(call.effect));
            span->End();
          },
  };
}
// [opentelemetry]

int main() {
  fictive::testing::scripted_transport network;
  network.answer({.status = 429});
  network.answer({.status = 500});
#if defined(FICTIVE_TESTS_OPENTELEMETRY_STUB)
  opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer> const tracer(new opentelemetry::trace::Tracer);
#else
  opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer> const tracer =
      opentelemetry::trace::Provider::GetTracerProvider()->GetTracer("fictive");
#endif
  fictive::client client{network, {.credentials = {.session_id = "any"}, .hooks = opentelemetry_hooks(tracer)}};
  (void)client.invite({.account_group_token = "team", .email_addresses = {"a@b.example"}});
#if defined(FICTIVE_TESTS_OPENTELEMETRY_STUB)
  return tracer->log() ==
                 "start POST /rest/api/accounts/groups/{accountGroupToken}/invites\n"
                 "attempt http.response.status_code=429 fictive.effect=none\n"
                 "attempt http.response.status_code=500 fictive.effect=unknown\n"
                 "error\nfictive.effect=unknown\nend\n"
             ? 0
             : 1;
#endif
}
