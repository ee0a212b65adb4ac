import ArgumentParser

@main
struct PanaceaPatch: ParsableCommand {}
