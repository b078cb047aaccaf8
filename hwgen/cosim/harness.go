package cosim

import (
	"bytes"
	_ "embed"
	"text/template"
)

var (
	//go:embed harness.cpp.tmpl
	harnessText string
	//go:embed testbench.v.tmpl
	testbenchText string

	harnessTemplate   = template.Must(template.New("harness.cpp").Parse(harnessText))
	testbenchTemplate = template.Must(template.New("testbench.v").Parse(testbenchText))
)

// patience is after how many cycles without a transfer a run ends. The longest honest silence is a beat's way through the
// deepest datapath while a pattern takes one output in 64 cycles.
const patience = 1 << 13

// harnessData is what the templates see.
type harnessData struct {
	*Interface
	Beat, Write            []harnessPort
	Patience               int
	Pattern, WriteKind     int
	OfferPlace, ReadyPlace int
	CodeTop, CodesTop      int
}

type harnessPort struct {
	Port
	Highest int // index of the highest bit
}

func (i *Interface) execute(t *template.Template) []byte {
	data := harnessData{
		Interface: i, Patience: patience, Pattern: kindPattern, WriteKind: kindWrite,
		OfferPlace: offerPlace, ReadyPlace: readyPlace,
		CodeTop: i.CodeType.Width - 1, CodesTop: i.CodeType.Width*len(i.Codes) - 1,
	}
	for _, p := range i.Beat {
		data.Beat = append(data.Beat, harnessPort{p, p.Width - 1})
	}
	for _, p := range i.Write {
		data.Write = append(data.Write, harnessPort{p, p.Width - 1})
	}
	var text bytes.Buffer
	if err := t.Execute(&text, data); err != nil {
		panic(err) // the templates and their data are the package's own
	}
	return text.Bytes()
}
