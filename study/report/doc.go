// Package report writes what a run found as one HTML file that needs nothing else: styles, plots and pictures are inside
// it, it fetches nothing and runs no script. The page reads on a phone as on a wide screen, follows the reader's choice of
// a light or dark appearance, and gives the same bytes for the same report.
//
// A Report is sections of typed blocks, one kind per file: Paragraph, Figures, Table, Lines, Bars, Images, Code. Its key
// figures can also be printed on a terminal, see Report.Screen.
package report
