package train

import "context"

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
