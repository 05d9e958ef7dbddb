// SPDX-License-Identifier: BSL-1.0

#include "command_line.hpp"

#include "address_file.hpp"

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace examples {
namespace {

void append_addresses_from(std::vector<std::string>& out, std::string_view name) {
  input_file file{std::string(name), input_file::reads::once};
  address_reader reader(file);
  for (listed_address one; reader.next(one);) out.push_back(std::move(one.text));
}

/// An address that is listed twice is invited once.
void remove_repeated(std::vector<std::string>& texts) {
  std::unordered_set<std::string> seen;
  std::erase_if(texts, [&seen](std::string const& text) { return !seen.insert(text).second; });
}

}  // namespace

command_line parse_command_line(int argc, char const* const* argv) {
  command_line line;
  auto& addresses = line.job.request.email_addresses;
  auto options = service_options(line.job);
  options.push_back({"--from",
                     [&](std::string_view value) {
                       line.names_addresses = true;
                       append_addresses_from(addresses, value);
                     },
                     true});
  options.push_back(flag("--json", line.as_json));
  line.asks_for_help = !parse_arguments(argc, argv, options, [&](std::string_view address) {
    line.names_addresses = true;
    addresses.emplace_back(address);
  });
  if (line.asks_for_help) return line;
  complete_from_environment(line.job.config.credentials);
  remove_repeated(addresses);
  return line;
}

std::string help_text(std::string_view program, std::string_view description) {
  std::string text = "usage: " + std::string(program) + " [option]... [address]...\n\n" + std::string(description);
  return text + R"(

Invites each address to an account group. Without --base-url, it starts a fake of the service and invites sample
addresses there; options that are not given have sample values.

)" + std::string(service_options_help) +
         R"(  --from FILE           read addresses from a file, one per line; blank lines and # comments are skipped; - is
                        standard input
  --json                print one JSON object instead of a table
  --help                print this text
  --                    the remaining arguments are addresses, even if they begin with a hyphen

A value may also follow a '=': --group=TOKEN. An address that is given twice is sent once.

exit status:
  0  all addresses were invited
  1  some addresses were refused, or are missing in the response
  2  invalid usage; nothing was sent
  3  failed; nobody was invited: correct the cause and send again
  4  failed; it is unknown whether anybody was invited: check before you send again
  5  the invitations were made, but the response is lost: do not send again
)";
}

}  // namespace examples
