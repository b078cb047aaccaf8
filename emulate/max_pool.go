package emulate

// MaxPool takes the largest code under a window, as LiteRT's int8 MAX_POOL_2D does. Padding does not count. Scale and zero
// point stay. There is no dilation: both are 1.
type MaxPool struct{ Window }

var _ Op = (*MaxPool)(nil)

// Kind is "maxpool".
func (*MaxPool) Kind() string { return "maxpool" }

func (*MaxPool) arity() int { return 1 }

func (p *MaxPool) shape(inputs [][]int) ([]int, error) { return poolShape(p.Window, inputs[0]) }

func (p *MaxPool) compile(s *scope) (step, error) {
	if err := s.sameScale(); err != nil {
		return nil, err
	}
	return &maxPoolStep{pool{p.Window, s.shapes[0], s.outputs}, s.layer.Output}, nil
}

type maxPoolStep struct {
	pool
	output Output
}

func (s *maxPoolStep) run(c *call) int64 {
	s.windows(c, func(plane []int16, top, bottom, left, right int) int16 {
		largest := plane[top*s.in[2]+left]
		for y := top; y < bottom; y++ {
			for _, code := range plane[y*s.in[2]+left : y*s.in[2]+right] {
				largest = max(largest, code)
			}
		}
		return s.output.clamp(int64(largest))
	})
	return 0
}
