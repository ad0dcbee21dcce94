// Preloaded into a process: no array of more than 16 MB is to be had by `new`.
#include <cstdlib>
#include <new>

constexpr std::size_t LIMIT = 16 * 1024 * 1024;

static void* checked(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new[](std::size_t size) { return checked(size > LIMIT ? nullptr : std::malloc(size == 0 ? 1 : size)); }
void* operator new[](std::size_t size, std::align_val_t alignment) {
  const std::size_t unit = static_cast<std::size_t>(alignment);
  return checked(size > LIMIT ? nullptr : std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
