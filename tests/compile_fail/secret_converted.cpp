// A secret becomes a string only by reveal().
// expect: const fictive::secret

#include <fictive/fictive.hpp>

#include <string>

std::string text_of(fictive::secret const& secret) {
  return secret;
}
