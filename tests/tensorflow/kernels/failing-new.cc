// Preloaded into a process: no array of more than 16 MB is to be had by `new`.
#include <cstdlib>
#include <new>

constexpr std::size_t LIMIT = 16 * 1024 * 1024;

void* operator new[](std::size_t size) {
  void* memory = size > LIMIT ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
