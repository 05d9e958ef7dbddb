#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/samples.hpp"

using fictive::testing::stand_in_service;

TEST_CASE("the stand-in answers the documented request with the documented response, to the letter") {
  stand_in_service service;
  auto const reply = service(
      {.method = "POST",
       .url = "https://api.fictive.com/rest/api/accounts/groups/group/invites",
       .headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}, {"X-SessionId", "session"}},
       .body = sample("request-full.json")});
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->body + "\n" == sample("response-200.json"));
}
