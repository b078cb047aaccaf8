package kernel

import "unsafe"

// RoundNearest is [Round] with NearestEven.
func RoundNearest(dst, src []float32, g Grid) Counts {
	return Round(dst, src, g, NearestEven, Random{})
}

// RoundFloor is [Round] with Floor.
func RoundFloor(dst, src []float32, g Grid) Counts { return Round(dst, src, g, Floor, Random{}) }

// RoundStochastic is [Round] with Stochastic for draws that were made before.
func RoundStochastic(dst, src []float32, random []uint16, bits int, g Grid) (counts Counts) {
	if len(random) != len(src) || len(dst) != len(src) || !g.Fits() || bits < 1 || bits > randomBits {
		panic(badLength)
	}
	const piece = 512
	var draws [piece + drawSlack/2]uint16
	for at := 0; at < len(src); at += piece {
		n := copy(draws[:piece], random[at:])
		args := linearOf(unsafe.Pointer(&dst[at]), src[at:at+n], g, toValues)
		run := chooseLinear(g, Stochastic, &args)
		args.drawn = drawnMask(bits)
		args.draws.source, args.draws.memory = drawMemory, unsafe.Pointer(&draws)
		run(&args)
		counts.Add(args.counts())
	}
	return counts
}
