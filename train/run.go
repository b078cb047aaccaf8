package train

import (
	"context"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
)

// Result is what a run ends with.
type Result struct {
	// Rows are those of metrics.csv, of all parts of the run if it was resumed.
	Rows []Row
	// PerSecond is the number of samples whose gradients were computed, per second of training, in this part.
	PerSecond float64
	// Trained is the network, ready to be evaluated.
	Trained *Trained
	// Paranoia is what the training runs of Config.Paranoid compared.
	Paranoia graph.Paranoia
}

// Run makes a run, or the rest of one. It fails if the configuration is wrong, if the folder holds a run and Resume is not
// set, or if a loss or gradient is not finite; what the folder's last checkpoint holds stays. If ctx ends, the run's
// state goes to the checkpoint, and the error is ctx's.
func Run(ctx context.Context, c Config) (*Result, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	folder, err := openFolder(&c)
	if err != nil {
		return nil, err
	}
	s, err := newSession(c)
	if err != nil {
		return nil, err
	}
	if err := folder.begin(s); err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	trained, err := s.trained(ctx)
	if err != nil {
		return nil, err
	}
	return &Result{Rows: s.rows, PerSecond: s.meter.perSecond(s.problem.samples), Trained: trained, Paranoia: s.network.program.Paranoia()}, nil
}

// close waits for what the session has begun and does not need any more.
func (s *session) close() {
	s.network.feeder.close()
	if s.averaged.network != nil {
		s.averaged.network.feeder.close()
	}
}

// run makes the steps that are left.
func (s *session) run(ctx context.Context) error {
	s.meter = newMeter(s.step, s.seconds())
	s.saver.began = s.meter.began
	for {
		err := s.next(ctx)
		if errors.Is(err, errFinished) {
			return s.saver.wait()
		}
		if err != nil {
			return s.stop(ctx, err)
		}
	}
}

var errFinished = errors.New("the run has made its steps")

// next makes the step or the evaluation that is due.
func (s *session) next(ctx context.Context) error {
	if s.evaluationDue() {
		if err := s.evaluate(ctx); err != nil {
			return err
		}
		return s.save(s.rows)
	}
	if s.step >= s.config.Steps {
		return errFinished
	}
	if s.dueAfter(s.step + 1) {
		s.prepareEvaluation()
	}
	if err := s.advance(ctx); err != nil {
		return err
	}
	s.report(Progress{Phase: Training, Done: s.step, Total: s.config.Steps})
	return s.saveSometimes()
}

// stop explains why a run ends early. An interrupted run is saved as it is between two steps.
func (s *session) stop(ctx context.Context, err error) error {
	if failed := s.saver.wait(); failed != nil {
		return failed // it has stopped the run, or would have
	}
	if errors.Is(err, optimizers.ErrNotFinite) {
		if errors.As(err, &divergence{}) {
			return err
		}
		return s.diverged(s.step+1, err)
	}
	if ctx.Err() != nil {
		err = ctx.Err()
		if failed := s.save(s.rows); failed != nil {
			return failed
		}
		if failed := s.saver.wait(); failed != nil {
			return failed
		}
		if s.config.Out == "" {
			return errors.Wrapf(err, "stopped after step %d", s.step)
		}
		return errors.Wrapf(err, "stopped after step %d; --resume with the folder %s goes on there", s.step, s.config.Out)
	}
	return errors.Wrapf(err, "step %d", s.step+1)
}

// diverged explains what is not finite in a step.
func (s *session) diverged(step int, err error) error {
	if failed := s.saver.wait(); failed != nil {
		return failed
	}
	return divergence{errors.Wrapf(err, "step %d, with the learning rate %g and the error scale %g (%s)", step, s.lastRate, s.scale.scale, s.saver.kept())}
}

// divergence is an error that says all there is to say.
type divergence struct{ error }

func (d divergence) Unwrap() error { return d.error }

// evaluationDue reports whether the current weights are to be evaluated and have not been.
func (s *session) evaluationDue() bool {
	if s.step == 0 || len(s.rows) > 0 && s.rows[len(s.rows)-1].Step == s.step {
		return false
	}
	return s.dueAfter(s.step)
}

// dueAfter reports whether an evaluation follows the given update.
func (s *session) dueAfter(step int) bool {
	return step%s.config.EvaluateEvery == 0 || step == s.config.Steps
}

// prepareEvaluation begins to assemble what an evaluation after the next update begins with.
func (s *session) prepareEvaluation() {
	if _, averages := s.optimizer.(optimizers.Averager); !averages {
		s.network.feeder.prepare(batchKey{part: datasets.Test})
	}
}
