export * from '@trainyard/tracker'
