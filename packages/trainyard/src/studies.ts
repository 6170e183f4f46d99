export * from '@trainyard/studies'
