// Inner products of int8 codes, a block of rows by a panel of 32 columns, per instruction set.
//
// Rows hold codes + 128, since the dot product of VNNI takes one unsigned side; a panel begins with
// -128 times the sums of its columns, from which the products start. All loops over the rows of a
// block are unrolled by order: only then do compilers keep its sums in registers.

#pragma once

#include <cstdint>
#include <cstring>

#if !defined(__x86_64__) || !defined(__linux__) || !defined(__GNUC__) || __GNUC__ < 11
#error "written for GCC 11 and later on x86-64 Linux; elsewhere the package does without"
#endif

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TARGET(features) __attribute__((target(features)))

namespace {

constexpr int kPanel = 32;     // columns of a panel
constexpr int kChunk = 64;     // dimensions of a row that lie side by side
constexpr int kMostRows = 32;  // of any block
constexpr int64_t kPanelHead = kPanel * sizeof(int32_t);

// `rows` holds, chunk by chunk of 64 dimensions, the chunk of each row; `panel` its head, then
// four dimensions of all 32 columns after another; `out` the products, row by row.
using Products = void (*)(const uint8_t* rows, const uint8_t* panel, int64_t depth, int32_t* out);

// Marks in `hits` the scores of each row above the lower of their two bars; 0 if there are none.
using Find = uint32_t (*)(const int32_t* products, int rows, const float* row_scales,
                          const float* row_bars, const float* scales, const float* bars,
                          uint32_t* hits);

inline int32_t four_codes(const uint8_t* at) {
    int32_t codes;
    std::memcpy(&codes, at, sizeof codes);
    return codes;
}

bool has_avx512vnni() { return __builtin_cpu_supports("avx512vnni"); }

constexpr int kRows512 = 12;  // by two registers: 24 sums, two of the panel, one of the rows

TARGET("avx512f,avx512vnni")
void products_avx512vnni(const uint8_t* rows, const uint8_t* panel, int64_t depth, int32_t* out) {
    __m512i left[kRows512], right[kRows512];
#pragma GCC unroll 12
    for (int r = 0; r < kRows512; r++) {
        left[r] = _mm512_loadu_si512(panel);
        right[r] = _mm512_loadu_si512(panel + 64);
    }
    const uint8_t* columns = panel + kPanelHead;
    for (int64_t chunk = 0; chunk < depth; chunk += kChunk, rows += kRows512 * kChunk) {
        for (int k = 0; k < kChunk; k += 4, columns += 4 * kPanel) {
            const __m512i a = _mm512_loadu_si512(columns), b = _mm512_loadu_si512(columns + 64);
#pragma GCC unroll 12
            for (int r = 0; r < kRows512; r++) {
                const __m512i codes = _mm512_set1_epi32(four_codes(rows + r * kChunk + k));
                left[r] = _mm512_dpbusd_epi32(left[r], codes, a);
                right[r] = _mm512_dpbusd_epi32(right[r], codes, b);
            }
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < kRows512; r++) {
        _mm512_storeu_si512(out + r * kPanel, left[r]);
        _mm512_storeu_si512(out + r * kPanel + 16, right[r]);
    }
}

TARGET("avx512f")
uint32_t find_avx512(const int32_t* products, int rows, const float* row_scales,
                     const float* row_bars, const float* scales, const float* bars,
                     uint32_t* hits) {
    const __m512 scales_a = _mm512_loadu_ps(scales), scales_b = _mm512_loadu_ps(scales + 16);
    const __m512 bars_a = _mm512_loadu_ps(bars), bars_b = _mm512_loadu_ps(bars + 16);
    uint32_t any = 0;
    for (int r = 0; r < rows; r++, products += kPanel) {
        const __m512 scale = _mm512_set1_ps(row_scales[r]), bar = _mm512_set1_ps(row_bars[r]);
        const __m512 a = _mm512_cvtepi32_ps(_mm512_loadu_si512(products));
        const __m512 b = _mm512_cvtepi32_ps(_mm512_loadu_si512(products + 16));
        const uint32_t above_a = _mm512_cmp_ps_mask(_mm512_mul_ps(_mm512_mul_ps(a, scale), scales_a),
                                                    _mm512_min_ps(bar, bars_a), _CMP_GT_OQ);
        const uint32_t above_b = _mm512_cmp_ps_mask(_mm512_mul_ps(_mm512_mul_ps(b, scale), scales_b),
                                                    _mm512_min_ps(bar, bars_b), _CMP_GT_OQ);
        hits[r] = above_a | above_b << 16;
        any |= hits[r];
    }
    return any;
}

bool has_avxvnni() { return __builtin_cpu_supports("avxvnni"); }

constexpr int kRowsVnni = 6;  // by two registers of half a panel: 12 sums of 16 registers

TARGET("avx2,avxvnni")
void products_avxvnni(const uint8_t* rows, const uint8_t* panel, int64_t depth, int32_t* out) {
    for (int half = 0; half < kPanel; half += 16) {
        __m256i left[kRowsVnni], right[kRowsVnni];
#pragma GCC unroll 6
        for (int r = 0; r < kRowsVnni; r++) {
            left[r] = _mm256_loadu_si256((const __m256i*)(panel + 4 * half));
            right[r] = _mm256_loadu_si256((const __m256i*)(panel + 4 * half + 32));
        }
        const uint8_t *columns = panel + kPanelHead + 4 * half, *block = rows;
        for (int64_t chunk = 0; chunk < depth; chunk += kChunk, block += kRowsVnni * kChunk) {
            for (int k = 0; k < kChunk; k += 4, columns += 4 * kPanel) {
                const __m256i a = _mm256_loadu_si256((const __m256i*)columns);
                const __m256i b = _mm256_loadu_si256((const __m256i*)(columns + 32));
#pragma GCC unroll 6
                for (int r = 0; r < kRowsVnni; r++) {
                    const __m256i codes = _mm256_set1_epi32(four_codes(block + r * kChunk + k));
                    left[r] = _mm256_dpbusd_avx_epi32(left[r], codes, a);
                    right[r] = _mm256_dpbusd_avx_epi32(right[r], codes, b);
                }
            }
        }
#pragma GCC unroll 6
        for (int r = 0; r < kRowsVnni; r++) {
            _mm256_storeu_si256((__m256i*)(out + r * kPanel + half), left[r]);
            _mm256_storeu_si256((__m256i*)(out + r * kPanel + half + 8), right[r]);
        }
    }
}

// Without VNNI pairs of products are summed in int16, which codes + 128 would overflow: here the
// absolute codes of the row, at most 127, meet the columns with the row's signs.
TARGET("avx2")
inline __m256i add_products_avx2(__m256i sums, __m256i codes, __m256i sizes, __m256i columns) {
    const __m256i pairs = _mm256_maddubs_epi16(sizes, _mm256_sign_epi8(columns, codes));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

bool has_avx2() { return __builtin_cpu_supports("avx2"); }

constexpr int kRowsAvx2 = 4;

TARGET("avx2")
void products_avx2(const uint8_t* rows, const uint8_t* panel, int64_t depth, int32_t* out) {
    for (int half = 0; half < kPanel; half += 16) {
        __m256i left[kRowsAvx2], right[kRowsAvx2];
#pragma GCC unroll 4
        for (int r = 0; r < kRowsAvx2; r++) left[r] = right[r] = _mm256_setzero_si256();
        const uint8_t *columns = panel + kPanelHead + 4 * half, *block = rows;
        for (int64_t chunk = 0; chunk < depth; chunk += kChunk, block += kRowsAvx2 * kChunk) {
            for (int k = 0; k < kChunk; k += 4, columns += 4 * kPanel) {
                const __m256i a = _mm256_loadu_si256((const __m256i*)columns);
                const __m256i b = _mm256_loadu_si256((const __m256i*)(columns + 32));
#pragma GCC unroll 4
                for (int r = 0; r < kRowsAvx2; r++) {
                    const int32_t four = four_codes(block + r * kChunk + k) ^ 0x80808080;
                    const __m256i codes = _mm256_set1_epi32(four), sizes = _mm256_abs_epi8(codes);
                    left[r] = add_products_avx2(left[r], codes, sizes, a);
                    right[r] = add_products_avx2(right[r], codes, sizes, b);
                }
            }
        }
#pragma GCC unroll 4
        for (int r = 0; r < kRowsAvx2; r++) {
            _mm256_storeu_si256((__m256i*)(out + r * kPanel + half), left[r]);
            _mm256_storeu_si256((__m256i*)(out + r * kPanel + half + 8), right[r]);
        }
    }
}

TARGET("avx2")
uint32_t find_avx2(const int32_t* products, int rows, const float* row_scales,
                   const float* row_bars, const float* scales, const float* bars,
                   uint32_t* hits) {
    uint32_t any = 0;
    for (int r = 0; r < rows; r++, products += kPanel) {
        const __m256 scale = _mm256_set1_ps(row_scales[r]), bar = _mm256_set1_ps(row_bars[r]);
        hits[r] = 0;
        for (int j = 0; j < kPanel; j += 8) {
            const __m256 sums =
                _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i*)(products + j)));
            const __m256 scores =
                _mm256_mul_ps(_mm256_mul_ps(sums, scale), _mm256_loadu_ps(scales + j));
            const __m256 lower = _mm256_min_ps(bar, _mm256_loadu_ps(bars + j));
            const __m256 above = _mm256_cmp_ps(scores, lower, _CMP_GT_OQ);
            hits[r] |= uint32_t(_mm256_movemask_ps(above)) << j;
        }
        any |= hits[r];
    }
    return any;
}

// ---- AMX: two by two tiles of 16 x 16 sums ----------------------------------------------------

#ifdef BITSEAM_EMULATE_AMX  // the tests run the tile logic on any CPU
thread_local int32_t emulated[8][16][16];

void tile_load(int tile, const void* from, int64_t stride) {
    for (int r = 0; r < 16; r++) std::memcpy(emulated[tile][r], (const char*)from + r * stride, 64);
}
void tile_store(int tile, void* to, int64_t stride) {
    for (int r = 0; r < 16; r++) std::memcpy((char*)to + r * stride, emulated[tile][r], 64);
}
void tile_multiply(int sums, int rows, int columns) {
    for (int r = 0; r < 16; r++)
        for (int c = 0; c < 16; c++)
            for (int k = 0; k < 64; k++)
                emulated[sums][r][c] += int32_t(((const uint8_t*)emulated[rows][r])[k]) *
                                        ((const int8_t*)emulated[columns][k / 4])[4 * c + k % 4];
}
void enter_amx() {}
void leave_amx() {}
bool has_amx() { return true; }
constexpr Find find_amx = find_avx2;
#define AMX_TARGET
#else
#define AMX_TARGET TARGET("amx-tile,amx-int8")
#define tile_load _tile_loadd
#define tile_store _tile_stored
#define tile_multiply _tile_dpbusd

constexpr Find find_amx = find_avx512;

const struct {
    uint8_t palette = 1, start = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
} kTileShapes;  // not a local: compilers see only the first bytes of it being read

AMX_TARGET void enter_amx() { _tile_loadconfig(&kTileShapes); }
AMX_TARGET void leave_amx() { _tile_release(); }

bool has_amx() {  // Linux gives a process the state of the tiles only when it asks
    constexpr long request = 0x1023, tile_data = 18;
    return __builtin_cpu_supports("amx-int8") && __builtin_cpu_supports("avx512f") &&
           syscall(SYS_arch_prctl, request, tile_data) == 0;
}
#endif

AMX_TARGET
void products_amx(const uint8_t* rows, const uint8_t* panel, int64_t depth, int32_t* out) {
    tile_load(0, panel, 0);  // a stride of nothing repeats the head in every row
    tile_load(1, panel + 64, 0);
    tile_load(2, panel, 0);
    tile_load(3, panel + 64, 0);
    const uint8_t* columns = panel + kPanelHead;
    for (int64_t chunk = 0; chunk < depth; chunk += kChunk) {
        tile_load(4, rows, kChunk);
        tile_load(5, rows + 16 * kChunk, kChunk);
        tile_load(6, columns, 4 * kPanel);
        tile_load(7, columns + 64, 4 * kPanel);
        tile_multiply(0, 4, 6);
        tile_multiply(1, 4, 7);
        tile_multiply(2, 5, 6);
        tile_multiply(3, 5, 7);
        rows += kMostRows * kChunk;
        columns += kChunk * kPanel;
    }
    tile_store(0, out, 4 * kPanel);
    tile_store(1, out + 16, 4 * kPanel);
    tile_store(2, out + 16 * kPanel, 4 * kPanel);
    tile_store(3, out + 16 * kPanel + 16, 4 * kPanel);
}

// ---- The choice -------------------------------------------------------------------------------

void nothing() {}

struct Kernel {
    const char* name;
    int rows;  // of a block
    bool (*supported)();
    Products products;
    Find find;
    void (*enter)();  // before and after the products of a thread
    void (*leave)();
};

const Kernel kKernels[] = {  // the fastest first
    {"amx", kMostRows, has_amx, products_amx, find_amx, enter_amx, leave_amx},
    {"avx512vnni", kRows512, has_avx512vnni, products_avx512vnni, find_avx512, nothing, nothing},
    {"avxvnni", kRowsVnni, has_avxvnni, products_avxvnni, find_avx2, nothing, nothing},
    {"avx2", kRowsAvx2, has_avx2, products_avx2, find_avx2, nothing, nothing},
};
constexpr int kKernelCount = sizeof kKernels / sizeof *kKernels;

}  // namespace
