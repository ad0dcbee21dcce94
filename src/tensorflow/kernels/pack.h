/* Matrices packed into panels, as right-hand sides of products (tile.h). */
#pragma once
#include <algorithm>
#include "tile.h"

namespace pipe {

/** A panel of a matrix `[rows, columns]` as [rows][PANEL]; columns past the matrix are zero. */
inline void pack(const float* matrix, int rows, int columns, int panel, float* packed) {
  const int from = panel * PANEL, width = std::min(PANEL, columns - from);
  for (int row = 0; row < rows; row++, packed += PANEL) {
    std::copy_n(matrix + static_cast<size_t>(row) * columns + from, width, packed);
    std::fill_n(packed + width, PANEL - width, 0.0f);
  }
}

/**
 * A panel of the transposed matrix `[rows, columns]`, whose rows are `stride` floats apart, as [depth][PANEL], `depth` being at least
 * `columns`; rows past them are zero.
 */
inline void pack_transposed(const float* matrix, ptrdiff_t stride, int rows, int columns, int panel, int depth, float* packed) {
  const int from = panel * PANEL, width = std::min(PANEL, rows - from);
  if (width < PANEL || columns < depth) std::fill_n(packed, static_cast<size_t>(depth) * PANEL, 0.0f);
  // A few columns at a time, whose lines stay in the first-level cache until all rows have been added to them.
  constexpr int BLOCK = 16;
  for (int begin = 0; begin < columns; begin += BLOCK)
    for (int row = 0; row < width; row++) {
      const float* values = matrix + (from + row) * stride;
      for (int column = begin; column < std::min(begin + BLOCK, columns); column++) packed[column * PANEL + row] = values[column];
    }
}

}  // namespace pipe
