#ifndef FICTIVE_TESTS_SUPPORT_THREAD_SANITIZER_HPP
#define FICTIVE_TESTS_SUPPORT_THREAD_SANITIZER_HPP

/// Whether ThreadSanitizer is at work: it brings an allocator of its own, and is slow to free much.
#if defined(__SANITIZE_THREAD__)
#define FICTIVE_TESTS_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FICTIVE_TESTS_THREAD_SANITIZER 1
#endif
#endif

#if !defined(FICTIVE_TESTS_THREAD_SANITIZER)
#define FICTIVE_TESTS_THREAD_SANITIZER 0
#endif

#endif
