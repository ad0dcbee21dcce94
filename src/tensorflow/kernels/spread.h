/*
 * How the products of input pixels with the taps of a 3×3 kernel come together in the output, and backwards (products.h).
 *
 * Columns of products are ordered (tap, channel) within a block of channels, and stored in panels (tile.h): column c of
 * pixel p is at `[c / PANEL][p][c % PANEL]`.
 */
#pragma once
#include <algorithm>
#include <type_traits>
#include "scratch.h"
#include "tile.h"

namespace pipe {

struct ProductShape {
  int batch, height, width, inputs, outputs;
  /** 1, or 2 for an upsampled input. */
  int upsample;

  int out_height() const { return height * upsample; }
  int out_width() const { return width * upsample; }
  size_t in_pixels() const { return static_cast<size_t>(height) * width; }
  size_t in_size() const { return in_pixels() * inputs; }
  size_t out_size() const { return in_pixels() * upsample * upsample * outputs; }
};

constexpr int TAPS = 9;
/** Products in work at a time, in floats, so that they stay in a core's second-level cache. */
constexpr int BAND = 20 * 1024;

/** Output channels are worked on in blocks, so that a block's taps and products stay in the cache. */
struct Blocks {
  int size, count, columns, panels;
  explicit Blocks(const ProductShape& shape)
      : size(std::min(shape.outputs, PANEL)),
        count(up(shape.outputs, size)),
        columns(TAPS * size),
        panels(up(columns, PANEL)) {}
  int channels(const ProductShape& shape, int block) const { return std::min(size, shape.outputs - block * size); }
};

/** Rows of input pixels whose products are in work at a time. */
inline int band_rows(const ProductShape& shape, const Blocks& blocks) {
  return std::clamp(BAND / (blocks.panels * PANEL * shape.width), 1, shape.height);
}

/** The place of a column of a pixel among the products of a band. */
inline size_t place(int column, int pixel, int pixels) {
  return (static_cast<size_t>(column / PANEL) * pixels + pixel) * PANEL + column % PANEL;
}

/** The channels of one pixel, or their sums: COUNT of them, or a number known at run time for 0. */
template <int COUNT>
struct Channels {
  float sums[COUNT == 0 ? PANEL : COUNT] = {};
  int given;
  explicit Channels(int channels) : given(channels) {}
  int count() const { return COUNT == 0 ? given : COUNT; }
  void add(const float* pixel) {
    for (int channel = 0; channel < count(); channel++) sums[channel] += pixel[channel];
  }
  void add_product(const float* products, const Blocks& blocks, int tap, int pixel, int pixels) {
    for (int channel = 0; channel < count(); channel++)
      sums[channel] += products[place(tap * blocks.size + channel, pixel, pixels)];
  }
  void put(float* pixel) const {
    for (int channel = 0; channel < count(); channel++) pixel[channel] = sums[channel];
  }
  void put_product(float* products, const Blocks& blocks, int tap, int pixel, int pixels) const {
    for (int channel = 0; channel < count(); channel++)
      products[place(tap * blocks.size + channel, pixel, pixels)] = sums[channel];
  }
};

/** A whole panel is two vectors, and a tap's products of a pixel are a row of one panel. */
template <>
struct Channels<PANEL> {
  Vector first{}, second{};
  explicit Channels(int) {}
  void add(const float* pixel) {
    first += load(pixel);
    second += load(pixel + LANES);
  }
  void add_product(const float* products, const Blocks&, int tap, int pixel, int pixels) {
    add(products + place(tap * PANEL, pixel, pixels));
  }
  void put(float* pixel) const {
    store(pixel, first);
    store(pixel + LANES, second);
  }
  void put_product(float* products, const Blocks&, int tap, int pixel, int pixels) const {
    put(products + place(tap * PANEL, pixel, pixels));
  }
};

/** Calls `work` with the number of channels and the upsampling as constants, the number only where it is frequent. */
template <class Work>
inline void with_constants(int channels, int upsample, const Work& work) {
  const auto with = [&](auto count) {
    if (upsample == 2) work(count, std::integral_constant<int, 2>());
    else work(count, std::integral_constant<int, 1>());
  };
  if (channels == PANEL) with(std::integral_constant<int, PANEL>());
  else if (channels == 3) with(std::integral_constant<int, 3>());
  else with(std::integral_constant<int, 0>());
}

/** A band of rows of one image, and a block of its output's channels. */
struct Band {
  const ProductShape& shape;
  const Blocks& blocks;
  int channels, first_row, rows;
  int pixels() const { return rows * shape.width; }
};

/** Calls `visit(band)` for the bands of an image. */
template <class Visit>
inline void bands(const ProductShape& shape, const Blocks& blocks, int block, const Visit& visit) {
  const int most = band_rows(shape, blocks);
  for (int row = 0; row < shape.height; row += most)
    visit(Band{shape, blocks, blocks.channels(shape, block), row, std::min(most, shape.height - row)});
}

/** Floats that the products of a band take. */
inline size_t products_size(const ProductShape& shape, const Blocks& blocks) {
  return static_cast<size_t>(blocks.panels) * PANEL * band_rows(shape, blocks) * shape.width;
}

/**
 * Adds a band's products to the output image (at its block of channels). From the top, a row of the output is reached first by
 * the upper taps of the input row above it, or by the middle ones of the first input row.
 */
template <int COUNT, int UP>
inline void add_products(const Band& band, const float* products, float* output) {
  const ProductShape& shape = band.shape;
  const size_t row_size = static_cast<size_t>(shape.out_width()) * shape.outputs;
  for (int row = 0; row < band.rows; row++)
    for (int taps = 0; taps < 3; taps++) {
      const int from = (band.first_row + row) * UP + 1 - taps;
      const int first = std::max(from, 0), last = std::min(from + UP, shape.out_height());
      for (int x = 0; x < shape.out_width(); x++) {
        Channels<COUNT> products_sum(band.channels);
        for (int tap = 0; tap < 3; tap++) {
          const int column = x + tap - 1;
          if (column < 0 || column >= shape.out_width()) continue;
          products_sum.add_product(products, band.blocks, 3 * taps + tap, row * shape.width + column / UP, band.pixels());
        }
        for (int y = first; y < last; y++) {
          float* pixel = output + y * row_size + static_cast<size_t>(x) * shape.outputs;
          Channels<COUNT> sum = products_sum;
          if (taps == 2 || (taps == 1 && y > 0)) sum.add(pixel);
          sum.put(pixel);
        }
      }
    }
}

/** The output rows that a row of taps reaches from an input row, added up: [1 + uW + 1][PANEL], the ends being zero. */
template <int COUNT, int UP>
inline void add_rows(const Band& band, int row, int taps, const float* gradient, float* sums) {
  const ProductShape& shape = band.shape;
  const size_t row_size = static_cast<size_t>(shape.out_width()) * shape.outputs;
  const int from = (band.first_row + row) * UP + 1 - taps;
  const int first = std::max(from, 0), last = std::min(from + UP, shape.out_height());
  for (int x = 0; x < shape.out_width(); x++) {
    Channels<COUNT> sum(band.channels);
    for (int y = first; y < last; y++) sum.add(gradient + y * row_size + static_cast<size_t>(x) * shape.outputs);
    sum.put(sums + (x + 1) * PANEL);
  }
}

/** The gradients of a band's products: the sums of the output's gradients that each product is part of. */
template <int COUNT, int UP>
inline void gather_products(const Band& band, const float* gradient, float* products) {
  const ProductShape& shape = band.shape;
  Scratch sums(static_cast<size_t>(shape.out_width() + 2) * PANEL);
  std::fill_n(sums.data(), PANEL, 0.0f);
  std::fill_n(&sums[static_cast<size_t>(shape.out_width() + 1) * PANEL], PANEL, 0.0f);
  for (int row = 0; row < band.rows; row++)
    for (int taps = 0; taps < 3; taps++) {
      add_rows<COUNT, UP>(band, row, taps, gradient, sums.data());
      for (int tap = 0; tap < 3; tap++)
        for (int column = 0; column < shape.width; column++) {
          Channels<COUNT> sum(band.channels);
          for (int copy = 0; copy < UP; copy++)
            sum.add(&sums[static_cast<size_t>(column * UP + copy + 2 - tap) * PANEL]);
          sum.put_product(products, band.blocks, 3 * taps + tap, row * shape.width + column, band.pixels());
        }
    }
}

/** The gradients of a band's products, columns that are padding being zero. */
inline void gather(const Band& band, const float* gradient, float* products) {
  if (band.channels < band.blocks.size || band.blocks.columns % PANEL != 0)
    std::fill_n(products, static_cast<size_t>(band.blocks.panels) * PANEL * band.pixels(), 0.0f);
  with_constants(band.channels, band.shape.upsample,
                 [&](auto count, auto up) { gather_products<count(), up()>(band, gradient, products); });
}

}  // namespace pipe
