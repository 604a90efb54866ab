#pragma once

/// Differentiable operations, float and double, one header and one source file per family. Each is the kernel of the
/// same name (tensor/kernels.h: shapes, errors) and its gradient; broadcast operands receive the sum over what was
/// repeated.
#include "autograd/activations.h"
#include "autograd/arithmetic.h"
#include "autograd/indexing.h"
#include "autograd/layout.h"
#include "autograd/normalizations.h"
#include "autograd/products.h"
#include "autograd/reductions.h"
