// Command gen writes the assembly of package kernel and the packages below it. Run it with `go generate` in the folder of
// package kernel: it reads the declarations of the functions from the packages' stubs, and writes one .s file per family of kernels: all, or those named as arguments.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

const kernelPackage = "github.com/halftone-go/halftone/internal/kernel"

// families are the generated files: folder/name_amd64.s holds the functions of one of them. The folder is that of a package,
// from the folder of package kernel.
var families = []struct {
	folder, name string
	write        func(*assembly)
}{
	{".", "tile", tiles},
	{".", "outer", outers},
	{".", "rows", rowKernels},
	{".", "transpose", transposes},
	{"philox", "random", randoms},
	{"round", "linear", linears},
	{"round", "maxabs", maxima},
	{"round", "shifted", shifteds},
	{"round", "shared", shareds},
	{"round", "minifloat", minifloats},
	{"round", "tiles", tileGrids},
	{"round", "strided", stridedTiles},
	{".", "pointwise", pointwises},
	{"elementary", "elementary", elementaries},
	{".", "int8", int8s},
	{".", "codes", codeProducts},
	{".", "pairs", pairs},
	{"mac", "mac", macs},
	{".", "blocked", blockeds},
}

func main() {
	log.SetFlags(0)
	if err := os.Chdir(".."); err != nil { // the package's folder, so that its stubs are found
		log.Fatal(err)
	}
	for _, family := range families {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], family.name) {
			continue
		}
		var out bytes.Buffer
		a := &assembly{Context: build.NewContext(), constants: map[string]operand.Mem{}}
		a.Package(path.Join(kernelPackage, family.folder))
		a.ConstraintExpr("amd64,!noasm")
		family.write(a)
		text := printer.NewGoAsm(printer.Config{Argv: []string{"go", "generate", "(gen/" + family.name + ".go)"}, Pkg: family.folder})
		status := build.Main(&build.Config{
			ErrOut: os.Stderr,
			Passes: []pass.Interface{pass.Compile, &pass.Output{Writer: nopCloser{&out}, Printer: text}},
		}, a.Context)
		if status != 0 {
			os.Exit(status)
		}
		if err := os.WriteFile(filepath.Join(family.folder, family.name+"_amd64.s"), out.Bytes(), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

type nopCloser struct{ *bytes.Buffer }

func (nopCloser) Close() error { return nil }

// assembly is a file of kernels under construction.
type assembly struct {
	*build.Context
	labels    string                 // prefix of the labels of the function under construction
	constants map[string]operand.Mem // tables of the file
}

// function starts a function that the package's stubs declare.
func (a *assembly) function(name string) {
	a.Implement(name)
	a.Attributes(attr.NOSPLIT)
	a.labels = name
}

func (a *assembly) label(name string)       { a.Label(a.labels + "_" + name) }
func labelOf(name string, index int) string { return fmt.Sprintf("%s%d", name, index) }

func (a *assembly) at(name string) operand.LabelRef { return operand.LabelRef(a.labels + "_" + name) }

// arguments gives the fields of the struct that the only parameter points to.
type arguments struct {
	a    *assembly
	base reg.Register
}

func (a *assembly) arguments() arguments {
	base := a.GP64()
	a.Load(a.Param("args"), base)
	return arguments{a, base}
}

// field is the place of a field, or of an element of a field that is an array. The name may be a path with dots.
func (f arguments) field(name string, index ...int) operand.Mem {
	c := f.a.Param("args").Dereference(f.base)
	for part := range strings.SplitSeq(name, ".") {
		c = c.Field(part)
	}
	for _, i := range index {
		c = c.Index(i)
	}
	b, err := c.Resolve()
	if err != nil {
		log.Fatalf("%s: field %s: %v", f.a.labels, name, err)
	}
	return b.Addr
}

// load reads an 8-byte field into a register of its own.
func (f arguments) load(name string, index ...int) reg.GPVirtual {
	r := f.a.GP64()
	f.a.MOVQ(f.field(name, index...), r)
	return r
}
