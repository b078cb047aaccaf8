package kernel

import "sync"

// axisClasses are the classes of a backward convolution along one axis: inputs with the same remainder to the stride.
type axisClasses struct {
	classes []class
	before  int // zeros that the taps reach before dy
	length  int // of dy with the zeros around it
}

// class is the inputs first, first+stride, ...
type class struct {
	first, count int
	taps         []classTap
}

// classTap is a tap, and the element of dy that the class's first input takes it from; negative in the zeros.
type classTap struct{ tap, source int }

// axis is one axis of a backward convolution.
type axis struct{ inputs, taps, pad, stride, dilation int }

var allClasses sync.Map // of axis to axisClasses

// classesOf are those of an axis. Nobody may change them.
func classesOf(inputs, taps, pad, stride, dilation int) axisClasses {
	a := axis{inputs, taps, pad, stride, dilation}
	if known, ok := allClasses.Load(a); ok {
		return known.(axisClasses)
	}
	known, _ := allClasses.LoadOrStore(a, newClasses(inputs, taps, pad, stride, dilation))
	return known.(axisClasses)
}

func newClasses(inputs, taps, pad, stride, dilation int) axisClasses {
	a := axisClasses{length: 1}
	last := 0
	for remainder := range stride {
		c := class{first: ((remainder-pad)%stride + stride) % stride}
		c.count = max((inputs-c.first+stride-1)/stride, 0)
		for tap := range taps {
			if tap*dilation%stride != remainder || c.count == 0 {
				continue
			}
			source := (c.first + pad - tap*dilation) / stride
			c.taps = append(c.taps, classTap{tap, source})
			a.before = max(a.before, -source)
			last = max(last, source+c.count-1)
		}
		a.classes = append(a.classes, c)
	}
	a.length = a.before + last + 1
	return a
}
