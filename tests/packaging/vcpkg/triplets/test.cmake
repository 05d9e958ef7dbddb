# The system's architecture. Without the correction of RPATHs, for which vcpkg downloads a program.
include("$ENV{VCPKG_ROOT}/triplets/x64-linux.cmake")
set(VCPKG_FIXUP_ELF_RPATH OFF)
