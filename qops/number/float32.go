package number

// float32Kind leaves a tensor alone.
type float32Kind struct{ linear }

var _ kind = float32Kind{}

func (float32Kind) name() string       { return "float32" }
func (float32Kind) example() string    { return "float32" }
func (float32Kind) summary() string    { return "not quantized, whatever the tensor's type" }
func (float32Kind) parts(Format) parts { return parts{} }
func (float32Kind) parse(p *parser, _ *Format) {
	p.noHead("float32")
}
func (float32Kind) text(Format) string { return "float32" }
func (float32Kind) describe(Format) (lowest, highest, step string) {
	return "", "", ""
}
