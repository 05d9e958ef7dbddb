#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>
#include <fictive/testing.hpp>

fictive::result<fictive::invite_response> invite_from_the_other_unit(fictive::testing::fake_service service);

// All inline functions of the headers are in both units and must be merged by the linker.
int main() {
  fictive::testing::fake_service service;
  auto const there = invite_from_the_other_unit(service);
  fictive::client client{service, {}};
  auto const here = client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}});
  return !there && !here && there.error().code == here.error().code &&
                 here.error().code == fictive::errc::not_authenticated
             ? 0
             : 1;
}
