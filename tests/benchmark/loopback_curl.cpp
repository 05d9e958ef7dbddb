// libcurl with one reused handle, and with its multi interface; bodies with nlohmann/json.

#include "support/loopback.hpp"
#include "support/loopback_nlohmann.hpp"
#include "support/loopback_tls.hpp"

#include <curl/curl.h>

#include <map>
#include <string>
#include <vector>

namespace loopback {

namespace {

std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

class transfer {
 public:
  explicit transfer(unsigned short port, bool has_tls = false)
      : url_((has_tls ? "https" : "http") + ("://127.0.0.1:" + std::to_string(port)) + std::string(path)),
        handle_(curl_easy_init()) {
    for (auto const& header : {std::string("Accept: application/json"), std::string("Content-Type: application/json"),
                               "X-Version: " + std::string(version), "X-SessionId: " + std::string(session)})
      headers_ = curl_slist_append(headers_, header.c_str());
    curl_easy_setopt(handle_, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(handle_, CURLOPT_USERAGENT, std::string(user_agent).c_str());
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &received_);
    curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, 60'000L);
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    if (has_tls) {
      curl_blob authority{const_cast<char*>(certificate().data()), certificate().size(), CURL_BLOB_NOCOPY};
      curl_easy_setopt(handle_, CURLOPT_CAINFO_BLOB, &authority);
    }
  }

  transfer(transfer const&) = delete;
  transfer& operator=(transfer const&) = delete;

  ~transfer() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(handle_);
  }

  [[nodiscard]] CURL* handle() const noexcept { return handle_; }

  void prepare() {
    received_.clear();
    body_ = body_of_request();
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, body_.c_str());
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body_.size()));
  }

  void finish(CURLcode code) {
    expect(code == CURLE_OK);
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    check(status, received_);
  }

 private:
  std::string url_, body_, received_;
  CURL* handle_;
  curl_slist* headers_ = nullptr;
};

class easy final : public contender {
 public:
  explicit easy(unsigned short port, bool has_tls = false) : transfer_(port, has_tls) {}

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    for (; clock::now() < end; ++count) {
      transfer_.prepare();
      transfer_.finish(curl_easy_perform(transfer_.handle()));
    }
    return count;
  }

 private:
  transfer transfer_;
};

/// A new handle, and thus a new connection, for each request.
class easy_once final : public contender {
 public:
  explicit easy_once(unsigned short port) : port_(port) {}

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    for (; clock::now() < end; ++count) {
      transfer once(port_, true);
      once.prepare();
      once.finish(curl_easy_perform(once.handle()));
    }
    return count;
  }

 private:
  unsigned short port_;
};

class multi final : public contender {
 public:
  explicit multi(unsigned short port) {
    curl_multi_setopt(handle_, CURLMOPT_MAXCONNECTS, static_cast<long>(in_flight));
    for (std::size_t i = 0; i < in_flight; ++i) {
      auto made = std::make_unique<transfer>(port);
      auto* const handle = made->handle();
      transfers_[handle] = std::move(made);
    }
  }

  ~multi() override { curl_multi_cleanup(handle_); }

  std::size_t run_until(clock::time_point end) override {
    std::size_t count = 0;
    for (auto const& [handle, one] : transfers_) start(*one);
    for (int running = 1; running > 0;) {
      curl_multi_perform(handle_, &running);
      int left = 0;
      while (auto const* message = curl_multi_info_read(handle_, &left)) {
        auto& one = *transfers_.at(message->easy_handle);
        auto const code = message->data.result;
        curl_multi_remove_handle(handle_, one.handle());
        one.finish(code);
        ++count;
        if (clock::now() < end) {
          start(one);
          running = 1;
        }
      }
      if (running > 0) curl_multi_poll(handle_, nullptr, 0, 1000, nullptr);
    }
    return count;
  }

 private:
  void start(transfer& one) {
    one.prepare();
    curl_multi_add_handle(handle_, one.handle());
  }

  CURLM* handle_ = curl_multi_init();
  std::map<CURL*, std::unique_ptr<transfer>> transfers_;
};

}  // namespace

std::unique_ptr<contender> make_curl(unsigned short port) {
  return std::make_unique<easy>(port);
}

std::unique_ptr<contender> make_curl_tls(unsigned short port) {
  return std::make_unique<easy>(port, true);
}

std::unique_ptr<contender> make_curl_tls_first(unsigned short port) {
  return std::make_unique<easy_once>(port);
}

std::unique_ptr<contender> make_curl_multi(unsigned short port) {
  return std::make_unique<multi>(port);
}

}  // namespace loopback
