export * from '@trainyard/tracker/analysis'
