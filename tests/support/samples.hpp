#ifndef FICTIVE_TESTS_SUPPORT_SAMPLES_HPP
#define FICTIVE_TESTS_SUPPORT_SAMPLES_HPP

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

/// The body that is documented, or seen, as `tests/samples/{name}`.
inline std::string sample(std::string const& name) {
  std::ifstream file(FICTIVE_TESTS_SAMPLES "/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no sample " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

#endif
