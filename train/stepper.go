package train

import (
	"context"
	"time"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/optimizers"
)

// Stepper makes the updates of a run one by one, without evaluation and without writing anything: for measurements.
type Stepper struct{ session *session }

// NewStepper loads the data and builds the network of a configuration, whose folder is left alone.
func NewStepper(c Config) (*Stepper, error) {
	c.Out, c.Resume = "", false
	if err := c.Check(); err != nil {
		return nil, err
	}
	s, err := newSession(c)
	if err != nil {
		return nil, err
	}
	s.meter = newMeter(0, 0)
	return &Stepper{s}, nil
}

// Step makes an update: a batch, forward, backward, the optimizer.
func (s *Stepper) Step(ctx context.Context) error { return s.session.advance(ctx) }

// Program is the network as it runs.
func (s *Stepper) Program() *graph.Program { return s.session.network.program }

// ObserveRoundings calls observe behind every rounding of the optimizer's from now on; nil ends that.
func (s *Stepper) ObserveRoundings(observe func(role optimizers.Role, elements int, took time.Duration)) {
	if o, ok := s.session.optimizer.(optimizers.Observed); ok {
		o.ObserveRoundings(observe)
	}
}
