/* Threads for the kernels: TensorFlow's C interface does not give access to its own pool. */
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace pipe {

/** A pool that serves one caller at a time; a second caller computes on its own thread alone. */
class ThreadPool {
 public:
  /** Never destroyed: its threads wait until the process ends. */
  static ThreadPool& shared() {
    static ThreadPool* pool = new ThreadPool(wanted_threads());
    return *pool;
  }

  explicit ThreadPool(int threads) {
    for (int index = 1; index < threads; index++) {
      try {
        std::thread([this] { help(); }).detach();
      } catch (const std::system_error&) {
        return;  // The system gives no more threads: those that there are do the work.
      }
      helpers_++;
    }
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /**
   * Calls `work(0)` to `work(count - 1)`, each once, in any order, on all threads including the caller's. `work` gives the same
   * result in every order and does not call the pool. What it throws is thrown here, the first of several, once all threads
   * have stopped; the indices that are left are not visited then.
   */
  void parallel_for(int count, const std::function<void(int)>& work) {
    const std::unique_lock<std::mutex> caller(callers_, std::try_to_lock);
    if (!caller.owns_lock() || helpers_ == 0 || count <= 1) {
      for (int index = 0; index < count; index++) work(index);
      return;
    }
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      work_ = &work;
      count_ = count;
      next_ = 0;
      busy_ = helpers_;
      round_++;
    }
    started_.notify_all();
    visit_indices(work, count);
    std::unique_lock<std::mutex> guard(mutex_);
    finished_.wait(guard, [this] { return busy_ == 0; });
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  /** TF_NUM_INTRAOP_THREADS, as TensorFlow's own pool, or else the processors of the machine. */
  static int wanted_threads() {
    const char* text = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int threads = text == nullptr ? 0 : std::atoi(text);
    if (threads > 0) return threads;
    const unsigned processors = std::thread::hardware_concurrency();
    return processors == 0 ? 1 : static_cast<int>(processors);
  }

  /** The loop of a helper thread: waits for a round and takes part in it. */
  void help() {
    uint32_t last_round = 0;
    std::unique_lock<std::mutex> guard(mutex_);
    for (;;) {
      started_.wait(guard, [&] { return round_ != last_round; });
      last_round = round_;
      const auto* work = work_;
      const int count = count_;
      guard.unlock();
      visit_indices(*work, count);
      guard.lock();
      if (--busy_ == 0) finished_.notify_one();
    }
  }

  /** Visits indices until none is left. An exception ends the round for all threads and is kept for the caller. */
  void visit_indices(const std::function<void(int)>& work, int count) noexcept {
    try {
      for (int index = next_++; index < count; index = next_++) work(index);
    } catch (...) {
      next_ = count;
      const std::lock_guard<std::mutex> guard(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  int helpers_ = 0;
  std::mutex callers_, mutex_;
  std::condition_variable started_, finished_;
  const std::function<void(int)>* work_ = nullptr;
  int count_ = 0, busy_ = 0;
  /** Wraps around in a long training, which unsigned numbers may. */
  uint32_t round_ = 0;
  std::atomic<int> next_{0};
  std::exception_ptr error_;
};

}  // namespace pipe
