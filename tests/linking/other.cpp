#include <fictive/fictive.hpp>
#include <fictive/invite_all.hpp>
#include <fictive/testing.hpp>

fictive::result<fictive::invite_response> invite_from_the_other_unit(fictive::testing::fake_service service) {
  fictive::client client{service, {}};
  return client.invite({.account_group_token = "group", .email_addresses = {"somebody@example.com"}});
}
