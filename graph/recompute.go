package graph

import "github.com/halftone-go/halftone/qops"

// recompute lets steps do without an operand that they can compute again, where it takes less time than to keep the operand
// in memory for them. A node's own op stays what it is: only how the machine runs it changes.
func (m *machine) recompute() {
	makers := map[*qops.Array]*step{}
	for i := range m.steps {
		s := &m.steps[i]
		if len(s.call.In) == 2 && makers[s.call.In[1]] != nil {
			maker := makers[s.call.In[1]]
			if op := qops.WithoutInput(s.op, maker.op); op != nil {
				s.op = op
				s.call.In = append([]*qops.Array{s.call.In[0]}, maker.call.In...)
			}
		}
		makers[s.call.Out] = s
	}
}
