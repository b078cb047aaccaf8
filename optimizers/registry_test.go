package optimizers

import (
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	assert.Equal(t, []string{"sgd", "lp-sgd", "svrg", "lp-svrg", "halp", "swalp"}, Names())
	c, err := Parse("halp", []string{"lr=0.25", "momentum=0.9", "decay=5e-4", "clip=5", "T=2epochs", "iterate=random", "mu=0.3", "scale=global"})
	require.NoError(t, err)
	want := &HALP{
		Descent:   Descent{LearningRate: 0.25, Momentum: 0.9, Decay: 5e-4, Clip: 5},
		Reduction: Reduction{Length: Span{2, true}, Iterate: Random}, Mu: 0.3, Scale: Global,
	}
	assert.Equal(t, want, c)
	assert.Equal(t, want.Descent, c.Settings())
	c, err = Parse("swalp", []string{"swa-start=100", "swa-every=3epochs", "swa-lr=0.01"})
	require.NoError(t, err)
	assert.Equal(t, &SWALP{Descent: Descent{LearningRate: 0.1}, Start: Span{Count: 100}, Every: Span{3, true}, AverageRate: 0.01}, c)
}

// Options are listed with values that parse to the same configuration.
func TestOptionsRoundTrip(t *testing.T) {
	for _, name := range Names() {
		c := mustParse(t, name, "lr=0.5", "momentum=0.25")
		var assignments []string
		for _, o := range Options(c) {
			assert.NotEmpty(t, o.Help)
			assignments = append(assignments, o.Key+"="+o.Value)
		}
		again := mustParse(t, name, assignments...)
		assert.Equal(t, Options(c), Options(again))
		assert.Equal(t, name, c.Name())
	}
}

func TestBadOptions(t *testing.T) {
	for _, c := range []struct {
		name       string
		assignment string
		want       string
	}{
		{"adam", "lr=1", `unknown optimizer "adam"; there are: sgd, lp-sgd, svrg, lp-svrg, halp, swalp`},
		{"sgd", "mu=1", `sgd has no option "mu"; it has: lr, momentum, decay, clip`},
		{"halp", "Mu=1", `halp has no option "Mu"; it has: lr, momentum, decay, clip, T, iterate, mu, scale`},
		{"sgd", "lr", `option "lr" of sgd has no value: write key=value`},
		{"sgd", "lr=fast", `sgd: option lr is "fast", want a positive number`},
		{"sgd", "lr=0", `sgd: option lr is 0, want a positive number`},
		{"sgd", "lr=NaN", `sgd: option lr is NaN, want a positive number`},
		{"sgd", "lr=Inf", `sgd: option lr is +Inf, want a positive number`},
		{"sgd", "momentum=1", `sgd: option momentum is 1, want a number from 0 up to, but not including, 1`},
		{"sgd", "decay=-1", `sgd: option decay is -1, want a number that is not negative`},
		{"svrg", "T=0", `svrg: option T: "0" is not a length: write a number of steps from 1, as 200, or of epochs, as 2epochs`},
		{"svrg", "T=2.5epochs", `svrg: option T: "2.5epochs" is not a length: write a number of steps from 1, as 200, or of epochs, as 2epochs`},
		{"svrg", "T=99999999999", `svrg: option T: "99999999999" is not a length: write a number of steps from 1, as 200, or of epochs, as 2epochs`},
		{"svrg", "iterate=first", `svrg: option iterate is "first", want one of: last, random`},
		{"halp", "scale=channel", `halp: option scale is "channel", want one of: tensor, global`},
	} {
		_, err := Parse(c.name, []string{c.assignment})
		assert.EqualError(t, err, c.want)
	}
	_, err := Parse("sgd", []string{"lr=1", "lr=2"})
	assert.EqualError(t, err, "option lr of sgd is given twice")
}

// Configurations written in Go are checked by New.
func TestNewRefuses(t *testing.T) {
	good := Descent{LearningRate: 0.1}
	one := func(f Formats) Run { return Run{Problem: newToy[float32](f)} }
	twice := newToy[float32](Formats{})
	twice.parameters[1].Name = "layer/w"
	short := newToy[float32](Formats{})
	short.parameters[0].Shape = []int{3, 5}
	mixed := newToy[float32](Formats{})
	mixed.parameters[1].Gradient = Vector{F64: make([]float64, 5)}
	for _, c := range []struct {
		config Config
		run    Run
		want   string
	}{
		{&SGD{}, one(Formats{}), "sgd: option lr is 0, want a positive number"},
		{&SGD{Descent: good}, Run{}, "optimizers: the run has no problem"},
		{&SGD{Descent: good}, Run{Problem: &toy[float32]{}}, "sgd: the problem has no parameters"},
		{&SGD{Descent: good}, Run{Problem: twice}, `sgd: two parameters are called "layer/w"`},
		{&SGD{Descent: good}, Run{Problem: short}, `parameter "layer/w" of shape [3 5] has 12 values`},
		{&SGD{Descent: good}, Run{Problem: mixed}, `parameter "layer/b" of shape [5] has 0 gradient elements`},
		{&SGD{Descent: good}, Run{Problem: short, ErrorScale: -1}, "sgd: option error scale is -1, want a positive number"},
		{&SGD{Descent: Descent{LearningRate: 1, Clip: -1}}, one(Formats{}), "option clip is -1"},
		{&SVRG{Descent: good, Reduction: Reduction{Iterate: "best"}}, one(Formats{}), `svrg: option iterate is "best"`},
		{&SVRG{Descent: good, Reduction: Reduction{Length: Span{Count: -1}}}, one(Formats{}), "svrg: option T is -1"},
		{&HALP{Descent: good}, one(Formats{}), "halp: option mu is 0, want a positive number"},
		{&HALP{Descent: good, Mu: 1, Scale: "all"}, one(Formats{}), `halp: option scale is "all"`},
		{&SWALP{Descent: good, Start: Span{Epochs: true}}, one(Formats{}), "swalp: option swa-start is 0"},
		{&SWALP{Descent: good, Every: Span{Count: -3}}, one(Formats{}), "swalp: option swa-every is -3"},
		{&SWALP{Descent: good, AverageRate: -1}, one(Formats{}), "swalp: option swa-lr is -1"},
		{
			&LPSGD{Descent: good}, one(Formats{Master: number.MustParse("int:w8,scale=run,sr,sat")}),
			"format int:w8,scale=run,sr,sat of layer/w.master: only an offset may have scale=run",
		},
		{&LPSGD{Descent: good}, one(Formats{Master: number.MustParse("fixed:w32f8,rne,sat")}), "format fixed:w32f8,rne,sat of layer/w.master"},
	} {
		_, err := c.config.New(c.run)
		assert.ErrorContains(t, err, c.want)
	}
}

func TestEmptyOuterLoop(t *testing.T) {
	problem := newToy[float32](Formats{})
	problem.batches = 0
	o := mustNew(t, mustParse(t, "sgd"), problem)
	_, err := o.Step(t.Context())
	assert.EqualError(t, err, "sgd: outer loop 0 has no whole batch: use a smaller batch or more data")
}

func TestTensors(t *testing.T) {
	problem := newToy[float32](lowPrecision())
	names := func(c Config) (list []string) {
		for _, tensor := range Tensors(c, problem.parameters[:1]) {
			assert.Equal(t, []int{3, 4}, tensor.Shape)
			assert.Equal(t, problem.parameters[0].Formats.format(tensor.Role), tensor.Format)
			list = append(list, tensor.Name)
		}
		return list
	}
	assert.Empty(t, names(mustParse(t, "sgd", "momentum=0.9")))
	assert.Equal(t, []string{"layer/w.gradient", "layer/w.master"}, names(mustParse(t, "lp-sgd")))
	assert.Equal(t, []string{"layer/w.gradient", "layer/w.momentum", "layer/w.offset"}, names(mustParse(t, "halp", "momentum=0.9")))
	problem.parameters[0].Formats.Gradient = number.Format{}
	assert.Equal(t, []string{"layer/w.master", "layer/w.average"}, names(mustParse(t, "swalp")))
}

// Block formats use the parameter's channel axis, also for an offset whose scale comes from the optimizer.
func TestBlockFormats(t *testing.T) {
	formats := Formats{
		Master: number.MustParse("bfp:w8e8,block=channel,sr,sat"),
		Offset: number.MustParse("int:w8,scale=run,block=channel,sr,sat"),
	}
	for _, name := range []string{"lp-sgd", "lp-svrg", "halp"} {
		problem := newToy[float32](formats)
		o := mustNew(t, mustParse(t, name), problem)
		for range 7 {
			mustStep(t, o)
		}
		for _, tensor := range o.State().Tensors {
			assert.True(t, finite(norm(tensor.Value.F32)))
		}
	}
}

func TestSpan(t *testing.T) {
	for text, want := range map[string]Span{"1": {Count: 1}, "200": {Count: 200}, "1epoch": {1, true}, "2epochs": {2, true}} {
		got, err := ParseSpan(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, text, got.String())
	}
	assert.Equal(t, "1epoch", Span{}.String())
	assert.Equal(t, []int{40, 7, 80}, []int{Span{}.Steps(40), Span{Count: 7}.Steps(40), Span{2, true}.Steps(40)})
}

func TestNorm(t *testing.T) {
	assert.Equal(t, 5.0, norm([]float64{3}, []float64{-4}))
	assert.InEpsilon(t, 5e-300, norm([]float64{3e-300, 4e-300}), 1e-15)
	assert.InEpsilon(t, 5e300, norm([]float64{3e300, 4e300}), 1e-15)
	assert.Zero(t, norm[float32]())
	assert.InEpsilon(t, 1.4e-45, norm([]float32{1e-45}), 0.01)
}
