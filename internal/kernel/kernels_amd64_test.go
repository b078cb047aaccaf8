//go:build amd64 && !noasm

package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/halftone-go/halftone/internal/kernel/isa"
	"github.com/halftone-go/halftone/internal/kernel/kerneltest"
)

func TestTileKernelsAreTheirTwin(t *testing.T) {
	kerneltest.RunOn(t, isa.AVX512, "F32AVX512x16", func(t *testing.T) {
		testTile[float32](t, tileKernel{8, 2, 16, tileF32AVX512x16})
	})
	kerneltest.RunOn(t, isa.AVX512, "F32AVX512x16by13", func(t *testing.T) {
		testTile[float32](t, tileKernel{13, 2, 16, tileF32AVX512x16by13})
	})
	kerneltest.RunOn(t, isa.AVX512, "F32AVX512x8", func(t *testing.T) {
		testTile[float32](t, tileKernel{8, 4, 8, tileF32AVX512x8})
	})
	kerneltest.RunOn(t, isa.AVX512, "F64AVX512x8", func(t *testing.T) {
		testTile[float64](t, tileKernel{8, 2, 8, tileF64AVX512x8})
	})
	kerneltest.RunOn(t, isa.AVX2, "F32AVX2x8", func(t *testing.T) { testTile[float32](t, tileKernel{4, 2, 8, tileF32AVX2x8}) })
	kerneltest.RunOn(t, isa.AVX2, "F64AVX2x4", func(t *testing.T) { testTile[float64](t, tileKernel{4, 2, 4, tileF64AVX2x4}) })
}

func testTile[T Float](t *testing.T, k tileKernel) {
	rng := rand.New(rand.NewPCG(21, 22))
	for _, f := range []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials} {
		for start := startZero; start <= startContinue; start++ {
			for _, terms := range []int{1, 2, 3, 4, 5, 9, 30} {
				blocks := 1 + rng.IntN(3)
				source := kerneltest.Data[T](rng, f, 500)
				weights := kerneltest.Data[T](rng, f, terms*blocks*k.rows)
				offsets := make([]int32, terms*blocks)
				for i := range offsets {
					offsets[i] = int32(rng.IntN(400))
				}
				pitch := k.segments*k.lanes + 5 // segments lie in the opposite order, which the kernel must not care about
				old := kerneltest.Data[T](rng, f, k.rows*pitch)
				run := func(out []T, body func(*tileArgs)) {
					args := tileArgs{weights: address(weights), offsets: address(offsets), terms: terms, blocks: blocks, start: start}
					for s := range k.segments {
						args.bases[s] = address(source[7*s:])
						args.outputs[s] = address(out[(k.segments-1-s)*k.lanes:])
						args.pitches[s] = pitch * size[T]()
					}
					body(&args)
				}
				want := append([]T(nil), old...)
				run(want, func(a *tileArgs) { tileGo[T](a, k.rows, k.segments, k.lanes) })
				got, check := kerneltest.Guarded[T](len(old))
				copy(got, old)
				run(got, k.run)
				kerneltest.RequireSameBits(t, want, got, f.Name, " start ", start, " terms ", terms, " blocks ", blocks)
				check(t)
			}
		}
	}
}

func TestOuterKernelsAreTheirTwin(t *testing.T) {
	kerneltest.RunOn(t, isa.AVX512, "F32AVX512x32", func(t *testing.T) {
		testOuter[float32](t, outerKernel{8, 32, outerF32AVX512x32})
	})
	kerneltest.RunOn(t, isa.AVX512, "F32AVX512x16", func(t *testing.T) {
		testOuter[float32](t, outerKernel{8, 16, outerF32AVX512x16})
	})
	kerneltest.RunOn(t, isa.AVX512, "F64AVX512x16", func(t *testing.T) {
		testOuter[float64](t, outerKernel{8, 16, outerF64AVX512x16})
	})
	kerneltest.RunOn(t, isa.AVX512, "F64AVX512x8", func(t *testing.T) {
		testOuter[float64](t, outerKernel{8, 8, outerF64AVX512x8})
	})
	kerneltest.RunOn(t, isa.AVX2, "F32AVX2x16", func(t *testing.T) { testOuter[float32](t, outerKernel{4, 16, outerF32AVX2x16}) })
	kerneltest.RunOn(t, isa.AVX2, "F64AVX2x8", func(t *testing.T) { testOuter[float64](t, outerKernel{4, 8, outerF64AVX2x8}) })
}

func testOuter[T Float](t *testing.T, k outerKernel) {
	rng := rand.New(rand.NewPCG(23, 24))
	for _, f := range []kerneltest.Filling{kerneltest.Normal, kerneltest.Wild, kerneltest.Specials} {
		for _, shape := range [][2]int{{1, 1}, {1, 4}, {2, 3}, {3, 8}, {2, 13}} {
			lines, columns := shape[0], shape[1]
			source, vectors := kerneltest.Data[T](rng, f, 500), kerneltest.Data[T](rng, f, lines*columns*k.lanes)
			old := kerneltest.Data[T](rng, f, k.rows*(k.lanes+3))
			run := func(out []T, body func(*outerArgs)) {
				args := outerArgs{
					vectors: address(vectors), output: address(out), pitch: (k.lanes + 3) * size[T](),
					lines: lines, columns: columns, step: 2 * size[T](), skip: 5 * size[T](),
				}
				for r := range k.rows {
					args.rows[r] = address(source[11*r:])
				}
				body(&args)
			}
			want := append([]T(nil), old...)
			run(want, func(a *outerArgs) { outerGo[T](a, k.rows, k.lanes) })
			got, check := kerneltest.Guarded[T](len(old))
			copy(got, old)
			run(got, k.run)
			kerneltest.RequireSameBits(t, want, got, f.Name, " positions ", shape)
			check(t)
		}
	}
}
