export * from '@trainyard/vision'
