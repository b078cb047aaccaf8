package train

import (
	"context"
	"math"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/internal/freememory"
	"github.com/halftone-go/halftone/nets"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
)

// session is a run in the making.
type session struct {
	config    Config // complete
	record    Record
	network   *network
	problem   *problem
	optimizer optimizers.Optimizer
	rate      float64 // learning rate before the schedule
	schedule  Schedule
	scale     ErrorScale
	clipping  *clipping // nil unless the error scale is dynamic

	step      int
	lossSum   float64 // since the last row
	lossCount int
	lastLoss  float64
	lastRate  float64
	rows      []Row
	averaged  averaged
	meter     *meter
	saver     *saver
}

// newSession loads the data and builds everything at step 0. Nothing is written.
func newSession(c Config) (*session, error) {
	set, err := loadSet(c)
	if err != nil {
		return nil, err
	}
	if warning := set.Info().Warning; warning != "" && c.Warn != nil {
		c.Warn(warning)
	}
	c.complete(set)
	s := &session{saver: newSaver(c.Out)}
	optimizer, err := optimizers.Parse(c.Optimizer, c.Options)
	if err != nil {
		return nil, err
	}
	s.network, err = newNetwork(c, c.Policy, func(net *nets.Net, m graph.Memory) error {
		free, known := freememory.Bytes()
		return needsOf(&c, net, m, optimizer).check(&c, free, known)
	})
	if err != nil {
		return nil, err
	}
	if s.problem, err = newProblem(s.network); err != nil {
		return nil, err
	}
	s.problem.scaled = s.scaled
	if c.Steps == 0 {
		c.Steps = s.problem.Batches()
	}
	if c.EvaluateEvery == 0 {
		c.EvaluateEvery = s.problem.Batches()
	}
	if s.schedule, err = ParseSchedule(c.Schedule); err != nil {
		return nil, err
	}
	if s.scale, err = ParseErrorScale(c.ErrorScale); err != nil {
		return nil, err
	}
	c.Schedule, c.ErrorScale = s.schedule.String(), s.scale.String()
	if s.scale.dynamic {
		s.clipping = newClipping(s.network.program)
	}
	if c.From != "" {
		if c.start, err = startFrom(c.From, s.network.program); err != nil {
			return nil, err
		}
	}
	s.config = c
	return s, s.newOptimizer(optimizer)
}

func (s *session) newOptimizer(config optimizers.Config) (err error) {
	if _, centred := config.(*optimizers.HALP); centred {
		if err := checkCentred(s.network.program); err != nil {
			return err
		}
	}
	s.rate = config.Settings().LearningRate
	s.record = s.config.record(config)
	s.optimizer, err = config.New(optimizers.Run{
		Problem: s.problem, Seed: s.config.Seed, Threads: s.config.Threads,
		Progress: func(done, total int) { s.report(Progress{Phase: FullGradient, Done: done, Total: total}) },
	})
	return err
}

// advance makes one update. A dynamic error scale is lowered until gradients are finite.
func (s *session) advance(ctx context.Context) error {
	s.meter.beginStep()
	defer s.meter.endStep()
	s.lastRate = s.rate * s.schedule.Factor(s.step, s.config.Steps)
	s.optimizer.SetLearningRate(s.lastRate)
	for {
		s.optimizer.SetErrorScale(s.scale.scale)
		s.network.program.SetErrorScale(s.scale.scale)
		before := copyStatistics(s.network.program)
		result, err := s.optimizer.Step(ctx)
		if err == nil {
			s.step, s.lastLoss = result.Step, result.Loss
			s.lossSum += result.Loss
			s.lossCount++
			break
		}
		before.restore(s.network.program)
		if !errors.Is(err, optimizers.ErrNotFinite) || !s.scaled() {
			return err
		}
		s.scale.shrink()
	}
	if s.clipping != nil {
		s.scale.stepped(s.clipping.share())
	}
	return nil
}

// scaled reports whether a smaller error scale may help a step whose loss or gradient is not finite. The loss itself is not
// scaled.
func (s *session) scaled() bool {
	return finite(s.problem.loss) && s.scale.shrinks()
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// evaluate adds a row for the current weights, or their average.
func (s *session) evaluate(ctx context.Context) error {
	n, err := s.result(ctx)
	if err != nil {
		return err
	}
	m, err := n.evaluate(ctx, func(done, total int) { s.report(Progress{Phase: Evaluation, Done: done, Total: total}) })
	if err != nil {
		return err
	}
	s.rows = append(s.rows, Row{
		Step: s.step, Epoch: s.epoch(), TrainLoss: s.lossSum / float64(s.lossCount), Metrics: m, Seconds: s.meter.seconds(),
	})
	s.lossSum, s.lossCount = 0, 0
	s.report(Progress{Phase: Training, Done: s.step, Total: s.config.Steps, NewRow: true})
	return nil
}

func (s *session) epoch() float64 { return float64(s.step) / float64(s.problem.Batches()) }

// seconds are those that the rows account for.
func (s *session) seconds() float64 {
	if len(s.rows) == 0 {
		return 0
	}
	return s.rows[len(s.rows)-1].Seconds
}

// report completes p and tells the observer.
func (s *session) report(p Progress) {
	if s.config.Observe == nil {
		return
	}
	p.Step, p.Steps, p.Epoch = s.step, s.config.Steps, s.epoch()
	p.Loss = s.lastLoss
	if len(s.rows) > 0 {
		row := s.rows[len(s.rows)-1]
		p.Row, p.MeanLoss = &row, row.TrainLoss
	}
	if s.lossCount > 0 {
		p.MeanLoss = s.lossSum / float64(s.lossCount)
	}
	p.LearningRate, p.ErrorScale = s.lastRate, s.scale.scale
	p.PerSecond, p.Remaining = s.meter.perSecond(s.problem.samples), s.meter.remaining(s.step, s.config.Steps)
	s.config.Observe(p)
}
