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

/** A panel of the transposed matrix as [depth][PANEL], `depth` being at least `columns`; rows past them are zero. */
inline void pack_transposed(const float* matrix, int rows, int columns, int panel, int depth, float* packed) {
  const int from = panel * PANEL, width = std::min(PANEL, rows - from);
  if (width < PANEL || columns < depth) std::fill_n(packed, static_cast<size_t>(depth) * PANEL, 0.0f);
  for (int row = 0; row < width; row++)
    for (int column = 0; column < columns; column++)
      packed[column * PANEL + row] = matrix[static_cast<size_t>(from + row) * columns + column];
}

}  // namespace pipe
