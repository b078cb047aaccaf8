// Package nodeindex keeps the building of large Gorgonia graphs linear. Gorgonia finds a node by its id in a table that
// it fills only by searching all nodes, once for every new node, so that building takes time quadratic in their number.
package nodeindex

import (
	"reflect"
	"unsafe"

	"gorgonia.org/gorgonia"
)

// Expect enters the next node of g: ids are counted up from 0, so a node's id is its place among all. It does nothing on
// a graph whose nodes are numbered otherwise, as after one was removed, or in a version of Gorgonia without the table.
func Expect(g *gorgonia.ExprGraph) {
	all := g.AllNodes()
	next := len(all)
	if !known || next > 0 && all[next-1].ID() != int64(next-1) {
		return
	}
	places := *(*map[int64]int)(unsafe.Add(unsafe.Pointer(g), field.Offset))
	if _, ok := places[int64(next)]; !ok {
		places[int64(next)] = next
	}
}

// field is the table, which is not exported; the version of Gorgonia is pinned.
var field, known = func() (reflect.StructField, bool) {
	f, ok := reflect.TypeFor[gorgonia.ExprGraph]().FieldByName("byID")
	return f, ok && f.Type == reflect.TypeFor[map[int64]int]()
}()
