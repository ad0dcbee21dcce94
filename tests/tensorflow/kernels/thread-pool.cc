// Prints what a thread pool does with work that succeeds, that throws, and that throws everywhere.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>
#include "thread_pool.h"

using pipe::ThreadPool;

static int visited(ThreadPool& pool, int count) {
  std::atomic<int> visits{0};
  pool.parallel_for(count, [&](int) { visits++; });
  return visits;
}

static std::string thrown(ThreadPool& pool, int count, const std::function<void(int)>& work) {
  try {
    pool.parallel_for(count, work);
    return "nothing";
  } catch (const std::exception& error) {
    return error.what();
  }
}

int main() {
  for (const int threads : {1, 4}) {
    // Never destroyed: its threads wait until the process ends.
    ThreadPool& pool = *new ThreadPool(threads);
    std::printf("%d threads: %d %d %d visits\n", threads, visited(pool, 0), visited(pool, 1), visited(pool, 1000));
    for (const int count : {1, 1000}) {
      const auto at_last = [&](int index) { if (index == count - 1) throw std::runtime_error("the last"); };
      std::printf("%s, ", thrown(pool, count, at_last).c_str());
      std::printf("%s, ", thrown(pool, count, [](int) { throw std::bad_alloc(); }).c_str());
      std::printf("then %d visits\n", visited(pool, 1000));
    }
    std::vector<int> squares(1000);
    pool.parallel_for(1000, [&](int index) {
      // The pool is busy with another caller: a second one works alone.
      ThreadPool& shared = ThreadPool::shared();
      shared.parallel_for(2, [&](int half) { if (half == 1) squares[index] = index * index; });
    });
    std::printf("%d\n", squares[999]);
  }
}
