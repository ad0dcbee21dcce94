/* Threads of our own for the kernels: TensorFlow's C interface does not give its pool away. */
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

namespace pipe {

/** Runs pieces of work on all threads, the caller's included. One caller at a time has the others; a second works alone. */
class Threads {
 public:
  /** Never destroyed: its threads may wait until the process ends. */
  static Threads& shared() {
    static Threads* threads = new Threads(wanted());
    return *threads;
  }

  /** Calls `work(0)` to `work(count - 1)`, each once and in any order. `work` must give the same result in every order. */
  void each(int count, const std::function<void(int)>& work) {
    std::unique_lock<std::mutex> caller(callers_, std::try_to_lock);
    if (!caller.owns_lock() || helpers_ == 0 || count == 1) {
      for (int index = 0; index < count; index++) work(index);
      return;
    }
    {
      std::lock_guard<std::mutex> guard(mutex_);
      work_ = &work;
      count_ = count;
      next_ = 0;
      busy_ = helpers_;
      round_++;
    }
    begun_.notify_all();
    take(work, count);
    std::unique_lock<std::mutex> guard(mutex_);
    done_.wait(guard, [this] { return busy_ == 0; });
  }

 private:
  explicit Threads(int count) : helpers_(count - 1) {
    for (int index = 0; index < helpers_; index++) std::thread([this] { help(); }).detach();
  }

  /** As many as TensorFlow's own: its variable, else the processors that this process may use. */
  static int wanted() {
    const char* said = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int asked = said == nullptr ? 0 : std::atoi(said);
    if (asked > 0) return asked;
    const unsigned found = std::thread::hardware_concurrency();
    return found == 0 ? 1 : static_cast<int>(found);
  }

  void help() {
    int seen = 0;
    std::unique_lock<std::mutex> guard(mutex_);
    for (;;) {
      begun_.wait(guard, [&] { return round_ != seen; });
      seen = round_;
      const auto* work = work_;
      const int count = count_;
      guard.unlock();
      take(*work, count);
      guard.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }

  void take(const std::function<void(int)>& work, int count) {
    for (int index = next_++; index < count; index = next_++) work(index);
  }

  const int helpers_;
  std::mutex callers_, mutex_;
  std::condition_variable begun_, done_;
  const std::function<void(int)>* work_ = nullptr;
  int count_ = 0, busy_ = 0, round_ = 0;
  std::atomic<int> next_{0};
};

}  // namespace pipe
