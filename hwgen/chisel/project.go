package chisel

import (
	"bytes"
	"embed"
	"text/template"
)

// Package is the Scala package of the emitted modules.
const Package = "halftone"

// Versions that work together: the plugin of Chisel 6.7.0 exists for this Scala version only, and this is the firtool that
// it was released with.
const (
	Version        = "6.7.0"
	scalaVersion   = "2.13.15"
	firtoolVersion = "1.62.1"
)

// Names of the files beside the modules. Script is the one to run.
const (
	Script    = "run"
	pom       = "pom.xml"
	elaborate = "Elaborate.scala"
)

var (
	//go:embed *.tmpl
	templateFiles embed.FS
	templates     = template.Must(template.ParseFS(templateFiles, "*.tmpl"))
)

// project writes the files beside the modules.
func project(top, header string) map[string][]byte {
	data := map[string]string{
		"Header": header, "Top": top, "Package": Package, "Chisel": Version, "Scala": scalaVersion, "Firtool": firtoolVersion,
	}
	files := map[string][]byte{}
	for _, name := range []string{Script, pom, elaborate} {
		var text bytes.Buffer
		if err := templates.ExecuteTemplate(&text, name+".tmpl", data); err != nil {
			panic(err) // the templates and their data are the package's own
		}
		files[name] = text.Bytes()
	}
	return files
}
