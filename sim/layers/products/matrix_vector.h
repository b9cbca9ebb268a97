#pragma once

// Products of a matrix with a few vectors, and attention of a few queries to what came before: what
// a language model does for each token that it makes. Both read much and compute little.
//
// "gemv": as llama.cpp's mul_mat_vec kernels make it (ggml-cuda/mmv.cu, mmvq.cu), a CTA takes a row
// of the weights, with eight warps, or with four where they are quantised; 16 bytes a lane, up to
// eight loads ahead. The vectors, which all CTAs read, come from the L1. "attention_decode": as
// flash decoding (Dao et al. 2023) makes it, the keys of a head are split over CTAs, each of which
// reads its keys and values once for all queries that share them; the parts are added up by a
// second kernel.

#include <memory>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

// Vectors that are still multiplied one by one.
inline constexpr std::uint64_t kMostVectors = 8;

// m vectors of k times n rows of weights. Arrays: the vectors, the weights, the results.
std::unique_ptr<Kernel> gemv_kernel(const Layer& layer);

// batch: samples times groups of heads; m queries of a group, n keys, k elements of a head. Arrays:
// queries, keys, values, partial results.
std::unique_ptr<Kernel> decode_attention_kernel(const Layer& layer);
// Into how many parts the keys are split.
std::uint32_t decode_attention_parts(const Layer& layer);

}  // namespace strobe::layers
