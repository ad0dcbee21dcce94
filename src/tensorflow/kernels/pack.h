/* Matrices laid out as right factors (tile.h). */
#pragma once
#include <algorithm>
#include "tile.h"

namespace pipe {

/** A panel of a matrix `[rows, columns]`, [rows][PANEL]; columns that it lacks are zero. */
inline void pack(const float* matrix, int rows, int columns, int panel, float* packed) {
  const int from = panel * PANEL, width = std::min(PANEL, columns - from);
  for (int row = 0; row < rows; row++, packed += PANEL) {
    std::copy_n(matrix + static_cast<size_t>(row) * columns + from, width, packed);
    std::fill_n(packed + width, PANEL - width, 0.0f);
  }
}

/** The same of the turned matrix, [depth][PANEL] of `columns` rows, the others being zero. */
inline void pack_turned(const float* matrix, int rows, int columns, int panel, int depth, float* packed) {
  const int from = panel * PANEL, width = std::min(PANEL, rows - from);
  if (width < PANEL || columns < depth) std::fill_n(packed, static_cast<size_t>(depth) * PANEL, 0.0f);
  for (int row = 0; row < width; row++)
    for (int column = 0; column < columns; column++)
      packed[column * PANEL + row] = matrix[static_cast<size_t>(from + row) * columns + column];
}

}  // namespace pipe
