#include <fictive/beast/src.hpp>
