// Tiles of int8 inner products whose scores are compared with thresholds before they leave the
// cache: the compiled twin of `torch._int_mm` and `candidates.scan_tile`. Optional; what it finds
// only proposes candidates, so no answer depends on it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels.h"

namespace {

// ---- Candidate lists: the same arrays and the same cuts as in candidates.py -------------------

struct Lists {
    float* values;
    int32_t* places;
    int32_t* counts;
    int32_t* limits;
    float* thresholds;
    int64_t capacity;
    int64_t keep;
};

int count_above(const float* values, int count, float bar) {
    int above = 0;
    for (int q = 0; q < count; q++) above += values[q] > bar;
    return above;
}

// Finds a bar that `wanted` to 1.25 `wanted` values exceed; where equal values leave none, a bar
// that fewer exceed, and returns how many entries those at the bar may fill up.
int find_bar(const float* values, int count, int wanted, float& bar) {
    float low = values[0], high = values[0];
    for (int q = 1; q < count; q++) {
        low = std::min(low, values[q]);
        high = std::max(high, values[q]);
    }
    bar = low;
    if (count_above(values, count, low) < wanted) return wanted;
    for (;;) {
        const float middle = low + (high - low) * 0.5f;
        if (!(low < middle && middle < high)) {
            bar = high;  // neighbouring floats: all values between them equal `high`
            return wanted;
        }
        const int above = count_above(values, count, middle);
        if (above < wanted) {
            high = middle;
        } else {
            low = middle;
            bar = middle;
            if (above <= wanted + wanted / 4) return 0;
        }
    }
}

// Moves the entries that `keeps` to the front, from place `kept` on; returns where they end.
template <class Keeps>
int move_forward(float* values, int32_t* places, int kept, int count, Keeps keeps) {
    for (int q = kept; q < count; q++) {
        const float value = values[q];
        const int32_t place = places[q];
        values[q] = values[kept];
        places[q] = places[kept];
        values[kept] = value;
        places[kept] = place;
        kept += keeps(value, kept);
    }
    return kept;
}

void cut(const Lists& lists, int64_t row, int count, float share) {
    const float expected = share * float(lists.keep);
    const int wanted =
        std::min(int(lists.keep), int(expected + 3 * std::sqrt(expected)) + 4);
    int kept = count;
    if (count > wanted) {
        float* values = lists.values + row * lists.capacity;
        int32_t* places = lists.places + row * lists.capacity;
        float bar;
        const int ties = find_bar(values, count, wanted, bar);
        kept = move_forward(values, places, 0, count, [=](float v, int) { return v > bar; });
        if (kept < ties) {
            kept = move_forward(values, places, kept, count,
                                [=](float v, int at) { return v == bar && at < ties; });
        }
        lists.thresholds[row] = bar;
    }
    lists.counts[row] = kept;
    lists.limits[row] =
        std::min(int(lists.capacity), std::max(kept + std::max(kept, 16), wanted + 16));
}

inline void append(const Lists& lists, int64_t row, float value, int64_t place, float share) {
    const int count = lists.counts[row]++;
    lists.values[row * lists.capacity + count] = value;
    lists.places[row * lists.capacity + count] = int32_t(place);
    if (count + 1 >= lists.limits[row]) cut(lists, row, count + 1, share);
}

// ---- Tiles ------------------------------------------------------------------------------------

constexpr int64_t kRowsBytes = 1 << 18;  // packed rows that stay in the L2 cache

struct Block {  // of products; places count from the first row and column of the side
    int64_t row, column;
    int rows, columns;
    const int32_t* products;
};

int64_t panel_bytes(int64_t depth) { return kPanelHead + depth * kPanel; }

// Rows packed at a time: whole blocks, as many as the cache holds.
int64_t rows_at_once(const Kernel& kernel, int64_t depth) {
    return std::max<int64_t>(1, kRowsBytes / (kernel.rows * depth)) * kernel.rows;
}

void pack_panel(const int8_t* codes, int columns, int64_t depth, uint8_t* panel) {
    std::memset(panel, 0, panel_bytes(depth));
    auto* head = reinterpret_cast<int32_t*>(panel);
    for (int c = 0; c < columns; c++, codes += depth) {
        int32_t sum = 0;
        for (int64_t k = 0; k < depth; k++) sum += codes[k];
        head[c] = -128 * sum;
        for (int64_t k = 0; k < depth; k += 4)
            std::memcpy(panel + kPanelHead + k * kPanel + 4 * c, codes + k, 4);
    }
}

void pack_rows(const int8_t* codes, int64_t rows, int64_t depth, int height, uint8_t* blocks) {
    for (int64_t i = 0; i < rows; i++, codes += depth) {
        uint8_t* to = blocks + i / height * height * depth + i % height * kChunk;
        for (int64_t k = 0; k < depth; k += kChunk, to += height * kChunk)
            for (int q = 0; q < kChunk; q++) to[q] = uint8_t(codes[k + q]) ^ 0x80;  // + 128
    }
}

// A rectangle of the products of all rows and columns of two sides.
struct Tile {
    int64_t row, rows_end, column, columns_end, depth;
    uint8_t* scratch;
};

// Hands the products of a tile block after block to `take`.
template <class Take>
void multiply_blocks(const Kernel& kernel, const int8_t* x, const int8_t* y, const Tile& tile,
                     Take take) {
    const int64_t depth = tile.depth, step = rows_at_once(kernel, depth);
    uint8_t *blocks = tile.scratch, *panels = tile.scratch + step * depth;
    for (int64_t j = tile.column; j < tile.columns_end; j += kPanel) {
        const int columns = int(std::min<int64_t>(kPanel, tile.columns_end - j));
        pack_panel(y + j * depth, columns, depth,
                   panels + (j - tile.column) / kPanel * panel_bytes(depth));
    }
    alignas(64) int32_t products[kMostRows * kPanel];
    kernel.enter();
    for (int64_t first = tile.row; first < tile.rows_end; first += step) {
        const int64_t last = std::min(tile.rows_end, first + step);
        pack_rows(x + first * depth, last - first, depth, kernel.rows, blocks);
        const uint8_t* panel = panels;
        for (int64_t j = tile.column; j < tile.columns_end; j += kPanel) {
            const int columns = int(std::min<int64_t>(kPanel, tile.columns_end - j));
            for (int64_t i = first; i < last; i += kernel.rows) {
                kernel.products(blocks + (i - first) * depth, panel, depth, products);
                take({i, j, int(std::min<int64_t>(kernel.rows, last - i)), columns, products});
            }
            panel += panel_bytes(depth);
        }
    }
    kernel.leave();
}

struct Side {
    const int8_t* codes;
    const float* scales;
    Lists lists;
};

class Scan {
  public:
    Scan(const Kernel& kernel, const Side& x, const Side& y, float row_share)
        : kernel_(kernel), x_(x), y_(y), row_share_(row_share) {}

    void operator()(const Block& block, float column_share) {
        if (block.column != column_) load_columns(block);
        const float* scales = x_.scales + block.row;
        const float* bars = x_.lists.thresholds + block.row;
        if (!kernel_.find(block.products, block.rows, scales, bars, scales_, bars_, hits_)) return;
        for (int r = 0; r < block.rows; r++) {
            for (uint32_t hits = hits_[r] & valid_; hits; hits &= hits - 1) {
                const int c = __builtin_ctz(hits);
                const float product = float(block.products[r * kPanel + c]);
                take(block.row + r, block.column + c, product * scales[r] * scales_[c],
                     column_share);
                bars_[c] = y_.lists.thresholds[block.column + c];
            }
        }
    }

  private:
    // Copies what the columns of a panel are compared with: the last panel may have fewer.
    void load_columns(const Block& block) {
        column_ = block.column;
        valid_ = block.columns == kPanel ? ~0u : (1u << block.columns) - 1;
        std::copy_n(y_.scales + column_, block.columns, scales_);
        std::copy_n(y_.lists.thresholds + column_, block.columns, bars_);
    }

    void take(int64_t row, int64_t column, float score, float column_share) {
        if (score > x_.lists.thresholds[row]) append(x_.lists, row, score, column, row_share_);
        if (score > y_.lists.thresholds[column])
            append(y_.lists, column, score, row, column_share);
    }

    const Kernel& kernel_;
    const Side &x_, &y_;
    const float row_share_;
    int64_t column_ = -1;
    uint32_t valid_ = 0, hits_[kMostRows];
    float scales_[kPanel] = {}, bars_[kPanel] = {};
};

}  // namespace

// ---- What Python calls ------------------------------------------------------------------------

extern "C" {

int kernel_count() { return kKernelCount; }

const char* kernel_name(int kernel) { return kKernels[kernel].name; }

int kernel_supported(int kernel) { return kKernels[kernel].supported(); }

// Bytes of scratch, aligned to 64, for a tile of so many columns.
int64_t scratch_bytes(int kernel, int64_t columns, int64_t depth) {
    return rows_at_once(kKernels[kernel], depth) * depth +
           (columns + kPanel - 1) / kPanel * panel_bytes(depth);
}

// Writes the products of all rows of the tile `(rows, columns)`, row by row.
void multiply(int kernel, const int8_t* x, const int8_t* y, const Tile* tile, int32_t* out) {
    const int64_t width = tile->columns_end - tile->column;
    multiply_blocks(kKernels[kernel], x, y, *tile, [=](const Block& block) {
        for (int r = 0; r < block.rows; r++)
            std::copy_n(block.products + r * kPanel, block.columns,
                        out + (block.row + r - tile->row) * width + block.column - tile->column);
    });
}

// Appends the promising scores of a tile to the lists of its rows and columns. `row_share` of all
// columns has been seen once it has been; of all rows `seen` before it, and each adds `per_row`.
void scan(int kernel, const Side* x, const Side* y, const Tile* tile, float row_share, float seen,
          float per_row) {
    Scan scan(kKernels[kernel], *x, *y, row_share);
    multiply_blocks(kKernels[kernel], x->codes, y->codes, *tile, [&](const Block& block) {
        scan(block, seen + per_row * float(block.row + block.rows - tile->row));
    });
}

}  // extern "C"
